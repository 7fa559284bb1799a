using System.CommandLine;
using SkTuning.Tool.Hosting;
using SkTuning.Tool.Output;

namespace SkTuning.Tool.Commands;

/// <summary>Evaluates an adapter on labeled rows.</summary>
internal static class EvaluateCommand
{
    public static Command Create(Interruption interruption)
    {
        var command = new Command("evaluate", """
            Evaluate an adapter on labeled rows.

            Examples:
              sktuning evaluate --adapter my-adapter --data test.tsv
              sktuning evaluate --model ./my-model --adapter sentiment --data test.jsonl --json
              sktuning evaluate --adapter my-adapter --data test-with-others.tsv --out-of-scope-label oos
            """);
        var (model, rows) = (new ModelOptions().AddTo(command), new RowOptions().AddTo(command));
        var adapter = new Option<string>("--adapter") { Description = "The adapter folder.", Required = true };
        var data = new Option<string>("--data")
        {
            Description = "A file of labeled rows (.tsv, .csv, .jsonl or .parquet; tagged words: .conll, .tsv, .jsonl or .parquet).",
            Required = true,
        };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON." };
        var outside = new Option<string?>("--out-of-scope-label")
        {
            Description = "The label of rows that belong to none of the labels, for an adapter that was trained with --reject. "
                + "The default is the label that it was trained with.",
        };
        foreach (var option in (Option[])[adapter, data, outside, json]) command.Add(option);
        command.SetAction(parsed =>
        {
            var (folder, file) = (parsed.GetValue(adapter)!, parsed.GetValue(data)!);
            using var loaded = model.Load(parsed, folder);
            using var stored = TunedAdapter.Load(folder, loaded);
            using var tuned = parsed.GetValue(outside) is { } label ? WithLabel(stored, label) : stored;
            IEvaluationReport report = tuned switch
            {
                TunedAdapter<Row> texts => texts.EvaluateRows(RowFile.Load(file, rows.Read(parsed, numbers: tuned is TextRegressor)), interruption.Token),
                TunedAdapter<TokenRow> words => words.EvaluateRows(TokenRowFile.Load(file, rows.ReadTokens(parsed)), interruption.Token),
                _ => throw new InvalidOperationException($"The tool cannot read rows for the task {tuned.Task.Name}."),
            };
            if (parsed.GetValue(json)) Screen.Json(report.ToJson());
            else Screen.Line(report.ToString().TrimEnd());
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>Returns the adapter with another label for rows out of scope.</summary>
    private static TextClassifier WithLabel(TunedAdapter adapter, string label) => adapter is TextClassifier { Decision.Rejection: { } rule } classifier
        ? classifier.WithDecision(classifier.Decision with { Rejection = rule with { OutOfScopeLabel = label } })
        : throw new SkTuningException("Option '--out-of-scope-label' requires an adapter that was trained with '--reject'.");
}
