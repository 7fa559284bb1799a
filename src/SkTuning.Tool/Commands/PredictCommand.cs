using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using SkTuning.Data;
using SkTuning.Inference;
using SkTuning.Tool.Output;

namespace SkTuning.Tool.Commands;

/// <summary>Labels one text, a file of texts, or standard input line by line.</summary>
internal static class PredictCommand
{
    private const int Together = 256;

    public static Command Create(Interruption interruption)
    {
        var command = new Command("predict", """
            Label one text, a file, or standard input line by line.

            Examples:
              sktuning predict --adapter my-adapter "where is my parcel?"
              sktuning predict --adapter my-adapter --file messages.tsv --json
              cat messages.txt | sktuning predict --adapter my-adapter
            """);
        var (model, rows) = (new ModelOptions().AddTo(command), new RowOptions().AddTo(command, labelled: false));
        var adapter = new Option<string>("--adapter") { Description = "Folder of the adapter.", Required = true };
        var file = new Option<string?>("--file") { Description = "Texts: .tsv, .csv, .jsonl with a text column, or .txt with one text a line." };
        var text = new Argument<string?>("text") { Description = "The text; without it and --file, standard input.", Arity = ArgumentArity.ZeroOrOne };
        var json = new Option<bool>("--json") { Description = "Print one JSON object a text, with all scores." };
        foreach (var option in (Option[])[adapter, file, json]) command.Add(option);
        command.Add(text);
        command.Validators.Add(result => { if (result.GetValue(text) is not null && result.GetValue(file) is not null) result.AddError("Give a text or --file, not both."); });
        command.SetAction(parsed =>
        {
            using var loaded = model.Load(parsed);
            using var classifier = TextClassifier.Load(parsed.GetValue(adapter)!, loaded);
            var (asJson, cut, failed) = (parsed.GetValue(json), 0, 0);
            if (parsed.GetValue(text) is { } one) Print([one]);
            else if (parsed.GetValue(file) is { } path)
                foreach (var chunk in RowFile.StreamTexts(path, rows.Read(parsed)).Chunk(Together)) Print(chunk);
            else
                while (!interruption.Token.IsCancellationRequested && Console.In.ReadLine() is { } line) Print([line]);
            if (cut > 0) Screen.Warning($"{(cut == 1 ? "1 text was" : $"{cut} texts were")} longer than the model reads: the end was not read.");
            if (interruption.Token.IsCancellationRequested) return interruption.ExitCode;
            return failed > 0 ? Program.Failed : Program.Done;

            void Print(IReadOnlyList<string> texts)
            {
                foreach (var (prediction, said) in classifier.Predict(texts, interruption.Token).Zip(texts))
                {
                    if (prediction.WasCut) cut++;
                    if (prediction.Error is not null) failed++;
                    if (asJson) Screen.Json(Json(prediction, said), indented: false);
                    else Screen.Line(prediction.Error is { } error ? $"error\t{error}" : string.Create(CultureInfo.InvariantCulture, $"{prediction.Label}\t{prediction.Confidence:F4}"));
                }
                Console.Out.Flush();
            }
        });
        return command;
    }

    private static JsonObject Json(Prediction prediction, string text)
    {
        if (prediction.Error is { } error) return new() { ["text"] = text, ["error"] = error };
        var node = new JsonObject
        {
            ["text"] = text,
            ["label"] = prediction.Label,
            ["confidence"] = prediction.Confidence,
            ["scores"] = new JsonObject(prediction.Scores.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value))),
        };
        if (prediction.WasCut) node["cut"] = true;
        return node;
    }
}
