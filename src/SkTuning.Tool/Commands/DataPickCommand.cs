using System.CommandLine;
using SkTuning.Diagnostics;
using SkTuning.Tool.Hosting;
using SkTuning.Tool.Output;

namespace SkTuning.Tool.Commands;

/// <summary>Chooses the rows to label next.</summary>
internal static class DataPickCommand
{
    public static Command Create(Interruption interruption)
    {
        var command = new Command("pick", """
            Choose the rows to label next.
            Without an adapter, these are typical rows of groups of similar texts that have no labeled row yet. With an adapter, they are different rows that
            it is most uncertain about. Of a large file, a random sample is considered.

            Examples:
              sktuning data pick messages.txt --rows 20
              sktuning data pick messages.csv --rows 50 --labeled train.tsv --id-column ticket
              sktuning data pick messages.tsv --rows 50 --adapter my-adapter --labeled train.tsv --json
            """);
        var file = new Argument<string>("file")
        {
            Description = "A file of texts: .tsv, .csv, .jsonl or .parquet with a text column, or .txt with one text per line.",
        };
        command.Add(file);
        var (model, texts) = (new ModelOptions().AddTo(command), new RowOptions().AddTo(command, labelled: false));
        var count = new Option<int>("--rows")
        {
            Description = "The number of rows to choose.",
            DefaultValueFactory = _ => new RowPickOptions().Count,
        };
        var adapter = new Option<string?>("--adapter") { Description = "The folder of an adapter with one label per row." };
        var labeled = new Option<string?>("--labeled", "--labelled")
        {
            Description = "A file of rows that are labeled already. Their texts are not chosen again; without an adapter, similar texts are chosen last.",
        };
        var id = new Option<string?>("--id-column") { Description = "The name of a column that identifies a row. By default, rows are numbered from 1." };
        var measure = new Option<UncertaintyMeasure>("--uncertainty")
        {
            Description = "With an adapter: margin (the two most likely labels are nearly equally likely) or entropy (all labels are).",
        };
        var candidates = new Option<int>("--candidates")
        {
            Description = "The maximum number of rows that are kept in memory and read by the model. Of more rows, as many are drawn at random.",
            DefaultValueFactory = _ => new RowPickOptions().MaxCandidates,
        };
        var seed = new Option<ulong>("--seed") { Description = "The seed of the random numbers.", DefaultValueFactory = _ => new RowPickOptions().Seed };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON." };
        foreach (var option in (Option[])[count, adapter, labeled, id, measure, candidates, seed, json]) command.Add(option);
        command.AddRule(result =>
        {
            var (rows, most) = (Given(count, new RowPickOptions().Count), Given(candidates, new RowPickOptions().MaxCandidates));
            if (rows is < 1 or > RowPickOptions.MaxCount) result.AddError($"--rows {rows}: expected 1 to {RowPickOptions.MaxCount}.");
            else if (most < Math.Max(2, rows) || most > RowPickOptions.MostCandidates)
                result.AddError($"--candidates {most}: expected {Math.Max(2, rows)} to {RowPickOptions.MostCandidates}.");
            if (result.GetResult(measure) is { Implicit: false, Tokens.Count: 1 } && result.GetValue(adapter) is null)
                result.AddError("Option '--uncertainty' requires '--adapter'.");

            // A rule sees no defaults.
            int Given(Option<int> option, int otherwise) => result.GetResult(option) is { Implicit: false } ? result.GetValue(option) : otherwise;
        });
        command.SetAction(parsed =>
        {
            using var loaded = model.Load(parsed, parsed.GetValue(adapter));
            using var tuned = parsed.GetValue(adapter) is { } folder ? TunedAdapter.Load(folder, loaded) : null;
            if (tuned is not null and not TextClassifier)
            {
                throw new SkTuningException($"--adapter {parsed.GetValue(adapter)}: the adapter is for the task {tuned.Task.Name}, "
                    + "expected one with one label per row (single-label).");
            }
            var options = new RowPickOptions
            {
                Count = parsed.GetValue(count),
                MaxCandidates = parsed.GetValue(candidates),
                Measure = parsed.GetValue(measure),
                Seed = parsed.GetValue(seed),
                Labeled = parsed.GetValue(labeled) is { } known ? [.. RowFile.StreamUnlabeled(known, texts.Read(parsed, limited: false))] : [],
            };
            var rows = RowFile.StreamUnlabeled(parsed.GetValue(file)!, texts.ReadWithId(parsed, parsed.GetValue(id)));
            var picks = tuned is TextClassifier classifier ? RowPicks.Of(classifier, rows, options, interruption.Token)
                : RowPicks.Of(loaded, rows, options, interruption.Token);
            var shown = new PickDisplay(picks, parsed.GetValue(id) is not null, options);
            if (parsed.GetValue(json)) Screen.Json(shown.Json());
            else shown.Show();
            return ExitCodes.Success;
        });
        return command;
    }
}
