using System.CommandLine;
using SkTuning.Diagnostics;
using SkTuning.Reports;
using SkTuning.Tool.Hosting;
using SkTuning.Tool.Output;

namespace SkTuning.Tool.Commands;

/// <summary>Checks the labels of rows.</summary>
internal static class DataCheckCommand
{
    private const int DefaultFolds = 5;

    public static Command Create(Interruption interruption)
    {
        var command = new Command("check", """
            Find labels that are probably wrong, labels that cannot be distinguished, and the labels that need more rows.
            No adapter is trained: the model reads each row once, and each part of the rows is predicted by a head that was fitted to the other parts.

            Examples:
              sktuning data check train.tsv
              sktuning data check train.csv --model ./my-model --describe labels.json --html labels.html
              sktuning data check train.tsv --strict --json
            """);
        var file = new Argument<string>("file") { Description = "A file of labeled rows (.tsv, .csv, .jsonl or .parquet), with one label per row." };
        command.Add(file);
        var (model, rows, labels) = (new ModelOptions().AddTo(command), new RowOptions().AddTo(command), new LabelArguments());
        labels.AddTo(command, words: false);
        var folds = new Option<int>("--folds") { Description = "The number of parts, from 2 to 100.", DefaultValueFactory = _ => DefaultFolds };
        var maxTokens = new Option<int?>("--max-tokens")
        {
            Description = "The maximum number of tokens per text. The default is the model's context length, but no more than 512.",
        };
        var seed = new Option<ulong>("--seed") { Description = "The seed of the parts.", DefaultValueFactory = _ => new TrainingOptions().Seed };
        var html = new Option<string?>("--html") { Description = "Also write the result to an HTML file." };
        var strict = new Option<bool>("--strict")
        {
            Description = "Exit with code 1 if a label is probably wrong, or if rows with nearly the same text have different labels.",
        };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON." };
        foreach (var option in (Option[])[folds, maxTokens.AtLeastOne(), seed, html, strict, json]) command.Add(option);
        folds.AddRule(result =>
        {
            if (result.GetValue(folds) is var parts && parts is < 2 or > 100) result.AddError($"--folds {parts}: expected 2 to 100.");
        });
        command.SetAction(parsed =>
        {
            using var loaded = model.Load(parsed);
            var name = parsed.GetValue(file)!;
            var check = LabelCheck.Of(loaded, RowFile.Load(name, rows.Read(parsed)), new TextClassifierOptions
            {
                LabelDescriptions = labels.Descriptions(parsed),
                MaxTokens = parsed.GetValue(maxTokens),
                Training = new() { Folds = parsed.GetValue(folds), Seed = parsed.GetValue(seed) },
            }, interruption.Token);
            var shown = new CheckDisplay(name, check);
            if (parsed.GetValue(json)) Screen.Json(shown.Json());
            else shown.Show();
            if (parsed.GetValue(html) is { } page)
            {
                HtmlReport.OfLabelCheck(check, name).Save(page);
                if (!parsed.GetValue(json)) Screen.Line($"Saved: {page}");
            }
            return parsed.GetValue(strict) && check.Issues.Count + check.Conflicts.Count > 0 ? ExitCodes.Failure : ExitCodes.Success;
        });
        return command;
    }
}
