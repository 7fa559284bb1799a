using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using SkTuning.Classifiers;
using SkTuning.Tool.Hosting;
using SkTuning.Tool.Output;

namespace SkTuning.Tool.Commands;

/// <summary>Predicts a text, a file of texts, or standard input line by line.</summary>
internal static class PredictCommand
{
    private const int ChunkSize = 256;

    public static Command Create(Interruption interruption)
    {
        var command = new Command("predict", """
            Predict a text, a file of texts, or standard input line by line.

            Examples:
              sktuning predict --adapter my-adapter "where is my parcel?"
              sktuning predict --adapter my-adapter --file messages.tsv --json
              cat messages.txt | sktuning predict --adapter my-adapter
              sktuning predict --model exported "where is my parcel?"
            """);
        var (model, rows) = (new ModelOptions().AddTo(command), new RowOptions().AddTo(command, labelled: false));
        var adapter = new Option<string?>("--adapter") { Description = "The adapter folder. Omit it if --model is an exported folder." };
        var file = new Option<string?>("--file")
        {
            Description = "A file of texts: .tsv, .csv, .jsonl or .parquet with a text column, or .txt with one text per line. "
                + "With -, or without a text and a file, the lines of standard input are read like a .txt file.",
        };
        var text = new Argument<string?>("text")
        {
            Description = "The text to predict. If neither a text nor --file is specified, texts are read from standard input.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var second = new Option<string?>("--text2") { Description = "The second text of a pair." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object per text, with all scores." };
        foreach (var option in (Option[])[adapter, second, file, json]) command.Add(option);
        command.Add(text);
        command.AddRule(result =>
        {
            if (result.GetValue(text) is not null && result.GetValue(file) is not null) result.AddError("Specify either a text or --file, not both.");
        });
        command.AddRule(result => model.RequireAdapter(result, adapter));
        command.SetAction(parsed =>
        {
            using var tuned = UsedAdapter.Load(model, parsed, parsed.GetValue(adapter));
            var (asJson, cut, failed) = (parsed.GetValue(json), 0, 0);
            var (clock, predicted) = (new Stopwatch(), 0);
            if (parsed.GetValue(text) is { } one) Print([new(one, "") { Text2 = parsed.GetValue(second) }]);
            else if (parsed.GetValue(file) is { } path && path != "-")
                foreach (var chunk in RowFile.StreamUnlabeled(path, rows.Read(parsed)).Chunk(ChunkSize))
                    Print([.. chunk.Select(r => tuned.ReadsPairs ? r : r with { Text2 = null })]);
            else PrintLines();
            if (cut > 0) Screen.Warning($"{(cut == 1 ? "1 text was" : $"{cut} texts were")} longer than the maximum length and truncated.");
            if (predicted > 1)
            {
                Console.Error.WriteLine(FormattableString.Invariant($"Predicted {predicted:N0} texts in {clock.Elapsed.TotalSeconds:F1} s ")
                    + FormattableString.Invariant($"({clock.Elapsed.TotalMilliseconds / predicted:F1} ms per text)."));
            }
            if (interruption.Token.IsCancellationRequested) return interruption.ExitCode;
            return failed > 0 ? ExitCodes.Failure : ExitCodes.Success;

            // The lines at hand are predicted together, and a line for which no other is at hand is not kept waiting.
            void PrintLines()
            {
                if (!Console.IsInputRedirected)
                    Console.Error.WriteLine($"Type a text and press Enter. {(OperatingSystem.IsWindows() ? "Ctrl+Z and Enter" : "Ctrl+D")} ends.");
                try
                {
                    var lines = MicroBatches.Of(InputLines.Of(rows.StandardInput(parsed), interruption.Token), ChunkSize, TimeSpan.Zero, interruption.Token);
                    foreach (var batch in lines.ToBlockingEnumerable(interruption.Token)) Print([.. batch]);
                }
                catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested) { }
            }

            void Print(IReadOnlyList<Row> texts)
            {
                clock.Start();
                var predictions = Predict(tuned, texts, interruption.Token);
                clock.Stop();
                predicted += texts.Count;
                foreach (var (prediction, row) in predictions.Zip(texts))
                {
                    if (prediction.WasTruncated) cut++;
                    if (prediction.Error is not null) failed++;
                    if (asJson) Screen.Json(Json(prediction, row), indented: false);
                    else Screen.Line(prediction.ToString());
                }
                Console.Out.Flush();
            }
        });
        return command;
    }

    private static IReadOnlyList<TaskPrediction> Predict(UsedAdapter adapter, IReadOnlyList<Row> texts, CancellationToken cancellationToken)
        => adapter.Predict(texts, cancellationToken);

    private static JsonObject Json(TaskPrediction prediction, Row row)
    {
        var node = new JsonObject { ["text"] = row.Text };
        if (row.Text2 is { } second) node["text2"] = second;
        foreach (var (key, value) in prediction.ToJson()) node[key] = value?.DeepClone();
        if (prediction.WasTruncated) node["truncated"] = true;
        return node;
    }
}
