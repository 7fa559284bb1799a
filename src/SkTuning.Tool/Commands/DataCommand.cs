using System.CommandLine;
using SkTuning.Data;
using SkTuning.Diagnostics;
using SkTuning.Metrics;
using SkTuning.Tool.Hosting;
using SkTuning.Tool.Output;

namespace SkTuning.Tool.Commands;

/// <summary>The commands about rows, before training and between trainings.</summary>
internal static class DataCommand
{
    private const int DefaultMaxTokens = 512;   // the default in training

    public static Command Create(Interruption interruption) => new("data", "Inspect rows, check their labels, and choose the rows to label next.")
    {
        Inspect(interruption),
        DataCheckCommand.Create(interruption),
        DataPickCommand.Create(interruption),
    };

    private static Command Inspect(Interruption interruption)
    {
        var command = new Command("inspect", """
            Report the properties and problems of the rows in a file.
            These are the labels, labels that differ only in case, white space or Unicode form, labels with one row, token counts, unknown tokens, empty texts,
            duplicates, conflicting labels, rows that also appear in another split, and rows that cannot be read.

            Examples:
              sktuning data inspect train.tsv
              sktuning data inspect train.csv --model ./my-model --against dev.csv --against test.csv --strict
              sktuning data inspect tickets.jsonl --label-separator "|" --json
              sktuning data inspect sentences.conll --task tokens
            """);
        var file = new Argument<string>("file")
        {
            Description = "A file of labeled rows (.tsv, .csv, .jsonl or .parquet; tagged words: .conll, .tsv, .jsonl or .parquet).",
        };
        var rows = new RowOptions().AddTo(command, badRows: false);
        var model = new Option<string?>("--model") { Description = "The model to tune, whose tokenizer is used. The default is the bundled demo model." };
        var against = new Option<string[]>("--against")
        {
            Description = "Another split of the data, such as the test rows. Rows that appear in both are reported. Can be specified more than once.",
        };
        var maxTokens = new Option<int?>("--max-tokens")
        {
            Description = $"The maximum number of tokens per text. The default is the model's context length, but no more than {DefaultMaxTokens}.",
        };
        var task = new Option<string>("--task")
        {
            Description = "The task the rows are for: single-label, ordinal, multi-label, regression, or tokens (tagged words).",
            DefaultValueFactory = _ => "single-label",
        };
        task.AcceptOnlyFromAmong("single-label", "ordinal", "multi-label", "regression", "tokens");
        var strict = new Option<bool>("--strict")
        {
            Description = "Exit with code 1 if rows are leaked, have conflicting labels or cannot be read, "
                + "or if labels differ only in case, white space or Unicode form.",
        };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON, with the location of every finding." };
        command.Add(file);
        foreach (var option in (Option[])[model, against, maxTokens.AtLeastOne(), task, strict, json]) command.Add(option);
        command.SetAction(parsed =>
        {
            var bad = new List<BadRow>();
            RuntimeSettings.Start(0, fast: true);
            // Only the tokenizer and the context length are needed: nothing is dequantized or copied.
            using var loaded = ModelOptions.Load(parsed.GetValue(model), null, announcesDemo: false, new() { Device = "cpu", KeepQuantized = true });
            var scores = parsed.GetValue(task) == "regression" ? new List<double>() : null;
            var (name, others) = (parsed.GetValue(file)!, parsed.GetValue(against) ?? []);
            var inspection = DataInspection.Of(name, Stream(name, limited: true).Select(row => Counted(row)), new()
            {
                Tokenizer = loaded.Tokenizer,
                MaxTokens = parsed.GetValue(maxTokens) ?? Math.Min(loaded.Describe().Context, DefaultMaxTokens),
                Against = [.. others.Select(other => (other, Stream(other, limited: false)))],
            });
            var shown = new InspectionDisplay(inspection, bad, scores);
            if (parsed.GetValue(model) is null) DemoModel.Announce(loaded);
            if (parsed.GetValue(json)) Screen.Json(shown.Json());
            else shown.Show();
            var faults = bad.Count + inspection.Duplicates.Leaks.Count + inspection.Duplicates.Conflicts.Count + inspection.LabelVariants.Count;
            return parsed.GetValue(strict) && faults > 0 ? ExitCodes.Failure : ExitCodes.Success;

            IEnumerable<Row> Stream(string path, bool limited) => Cancellable(parsed.GetValue(task) == "tokens"
                ? TokenRowFile.Stream(path, rows.ReadTokens(parsed, limited) with { OnBadRow = bad.Add }).Select(Sentence)
                : RowFile.Stream(path, rows.Read(parsed, limited) with { OnBadRow = bad.Add, HasNumericLabels = scores is not null })
                    .Select(row => Scored(row, path)));

            IEnumerable<Row> Cancellable(IEnumerable<Row> source)
            {
                foreach (var row in source)
                {
                    interruption.Token.ThrowIfCancellationRequested();
                    yield return row;
                }
            }

            // 5 and 5.00 are the same score.
            Row Scored(Row row, string path) => scores is null ? row : row with { Label = NumberName.Of(row.Score(path))! };

            Row Counted(Row row)
            {
                scores?.Add(row.Score());
                return row;
            }
        });
        return command;
    }

    /// <summary>Converts a sentence to a row whose labels are the entity types in it, or its tags if they do not mark entities.</summary>
    private static Row Sentence(TokenRow row)
    {
        var kinds = row.Tags.Where(t => t != "O")
            .Select(t => EntityTags.MarksEntities([t]) ? t[2..] : t)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return new Row(row.ToText(), kinds) { Line = row.Line };
    }
}
