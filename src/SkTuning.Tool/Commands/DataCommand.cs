using System.CommandLine;
using System.Globalization;
using SkTuning.Compare;
using SkTuning.Diagnostics;
using SkTuning.Metrics;
using SkTuning.Models;
using SkTuning.Reports.Runs;
using SkTuning.Reports;
using SkTuning.Tool.Output;

namespace SkTuning.Tool.Commands;

/// <summary>What to know of rows before training on them.</summary>
internal static class DataCommand
{
    private const int MostTokens = 512;   // what training reads of a text unless told otherwise

    public static Command Create(Interruption interruption) => new("data", "Look at rows before training on them.") { Inspect(interruption) };

    private static Command Inspect(Interruption interruption)
    {
        var command = new Command("inspect", """
            Labels, lengths in tokens, unknown tokens, empty texts, duplicates, contradicting labels, rows that stand in the test too, rows that cannot be read.

            Examples:
              sktuning data inspect train.tsv
              sktuning data inspect train.csv --model ./my-model --against dev.csv --against test.csv --strict
              sktuning data inspect tickets.jsonl --label-separator "|" --json
              sktuning data inspect sentences.conll --task tokens
            """);
        var file = new Argument<string>("file") { Description = "Labelled rows (.tsv, .csv, .jsonl, .parquet; words with tags: .conll, .tsv, .jsonl, .parquet)." };
        var rows = new RowOptions().AddTo(command, badRows: false);
        var model = new Option<string?>("--model") { Description = "The model to be tuned: its tokenizer counts. Default: the small model that comes along." };
        var against = new Option<string[]>("--against") { Description = "Another part of the data, such as the test: rows that stand in both are told. May be given more than once." };
        var most = new Option<int?>("--max-tokens") { Description = $"The most tokens of a text. Default: the model's context, at most {MostTokens}." };
        var task = new Option<string>("--task") { Description = "single-label, multi-label, regression, or tokens for words with tags.", DefaultValueFactory = _ => "single-label" };
        task.AcceptOnlyFromAmong("single-label", "multi-label", "regression", "tokens");
        var strict = new Option<bool>("--strict") { Description = "Exit code 1 where rows are leaked, contradict each other, or cannot be read." };
        var json = new Option<bool>("--json") { Description = "Print JSON, with every place." };
        command.Add(file);
        foreach (var option in (Option[])[model, against, most, task, strict, json]) command.Add(option);
        command.SetAction(parsed =>
        {
            var bad = new List<BadRow>();
            RuntimeSettings.Start(0, fast: true);
            // Only the tokenizer and the context are wanted: nothing is expanded or copied.
            using var loaded = FrozenModel.Load(parsed.GetValue(model) ?? ModelOptions.Embedded, new() { Device = "cpu", KeepQuantized = true });
            var scores = parsed.GetValue(task) == "regression" ? new List<double>() : null;
            var (name, others) = (parsed.GetValue(file)!, parsed.GetValue(against) ?? []);
            var inspection = DataInspection.Of(name, Stream(name, limited: true).Select(row => Counted(row)), new()
            {
                Tokenizer = loaded.Tokenizer,
                MaxTokens = parsed.GetValue(most) ?? Math.Min(loaded.Describe().Context, MostTokens),
                Against = [.. others.Select(other => (other, Stream(other, limited: false)))],
            });
            var shown = new InspectionDisplay(inspection, bad, scores);
            if (parsed.GetValue(json)) Screen.Json(shown.Json());
            else shown.Show();
            var faults = bad.Count + inspection.Duplicates.Leaks.Count + inspection.Duplicates.Conflicts.Count;
            return parsed.GetValue(strict) && faults > 0 ? Program.Failed : Program.Done;

            IEnumerable<Row> Stream(string path, bool limited) => Cancellable(parsed.GetValue(task) == "tokens"
                ? TokenRowFile.Stream(path, rows.ReadTokens(parsed, limited) with { OnBadRow = bad.Add }).Select(Sentence)
                : RowFile.Stream(path, rows.Read(parsed, limited) with { OnBadRow = bad.Add }).Select(row => Scored(row, path)));

            IEnumerable<Row> Cancellable(IEnumerable<Row> source)
            {
                foreach (var row in source)
                {
                    interruption.Token.ThrowIfCancellationRequested();
                    yield return row;
                }
            }

            // 5 and 5.00 are one score.
            Row Scored(Row row, string path) => scores is null ? row : row with { Label = row.Score(path).ToString(CultureInfo.InvariantCulture) };

            Row Counted(Row row)
            {
                scores?.Add(row.Score());
                return row;
            }
        });
        return command;
    }

    /// <summary>A sentence as a row whose labels are the kinds of entities in it, or its tags where they mark none.</summary>
    private static Row Sentence(TokenRow row)
    {
        var kinds = row.Tags.Where(t => t != "O").Select(t => EntityTags.MarksEntities([t]) ? t[2..] : t).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return new Row(row.ToText(), kinds) { Line = row.Line };
    }
}
