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
        var adapter = new Option<string?>("--adapter") { Description = "The adapter folder. Omit it if --model is an exported folder." };
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
        command.AddRule(result => model.RequireAdapter(result, adapter));
        command.SetAction(parsed =>
        {
            using var used = UsedAdapter.Load(model, parsed, parsed.GetValue(adapter));
            var (file, stored) = (parsed.GetValue(data)!, used.Predictor as TunedAdapter);
            using var relabeled = stored is not null && parsed.GetValue(outside) is { } label ? WithLabel(stored, label) : null;
            IEvaluationReport report = ((object?)relabeled ?? used.Predictor) switch
            {
                OnnxTokenClassifier words => ExportEvaluation.OfWords(words, TokenRowFile.Load(file, rows.ReadTokens(parsed)), interruption.Token),
                OnnxAdapter texts => ExportEvaluation.OfRows(texts, RowFile.Load(file, rows.Read(parsed, numbers: texts is OnnxRegressor)),
                    parsed.GetValue(outside), interruption.Token),
                TunedAdapter<Row> texts => texts.EvaluateRows(RowFile.Load(file, rows.Read(parsed, numbers: texts is TextRegressor)), interruption.Token),
                TunedAdapter<TokenRow> words => words.EvaluateRows(TokenRowFile.Load(file, rows.ReadTokens(parsed)), interruption.Token),
                _ => throw new InvalidOperationException("The tool cannot read rows for the task."),
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
