using System.CommandLine;
using System.Text.Json.Nodes;
using SkTuning.Compare;
using SkTuning.Models;
using SkTuning.Reports.Runs;
using SkTuning.Tool.Output;
using SkTuning.Tool.Tasks;

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
        var file = new Option<string?>("--file") { Description = "Texts: .tsv, .csv, .jsonl, .parquet with a text column, or .txt with one text a line." };
        var text = new Argument<string?>("text") { Description = "The text; without it and --file, standard input.", Arity = ArgumentArity.ZeroOrOne };
        var second = new Option<string?>("--text2") { Description = "The second text of a pair." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object a text, with all scores." };
        foreach (var option in (Option[])[adapter, second, file, json]) command.Add(option);
        command.Add(text);
        command.Validators.Add(result => { if (result.GetValue(text) is not null && result.GetValue(file) is not null) result.AddError("Give a text or --file, not both."); });
        command.SetAction(parsed =>
        {
            using var loaded = model.Load(parsed);
            var folder = parsed.GetValue(adapter)!;
            var task = ToolTask.Of(folder);
            using var tuned = task.Load(folder, loaded);
            var (asJson, cut, failed) = (parsed.GetValue(json), 0, 0);
            if (parsed.GetValue(text) is { } one) Print([new(one, "") { Text2 = parsed.GetValue(second) }]);
            else if (parsed.GetValue(file) is { } path)
                foreach (var chunk in RowFile.StreamUnlabeled(path, rows.Read(parsed)).Chunk(Together)) Print([.. chunk.Select(r => tuned.ReadsPairs ? r : r with { Text2 = null })]);
            else
                while (!interruption.Token.IsCancellationRequested && Console.In.ReadLine() is { } line) Print([new(line, "")]);
            if (cut > 0) Screen.Warning($"{(cut == 1 ? "1 text was" : $"{cut} texts were")} longer than the model reads: the end was not read.");
            if (interruption.Token.IsCancellationRequested) return interruption.ExitCode;
            return failed > 0 ? Program.Failed : Program.Done;

            void Print(IReadOnlyList<Row> texts)
            {
                foreach (var (told, row) in task.Predict(tuned, texts, interruption.Token).Zip(texts))
                {
                    if (told.WasTruncated) cut++;
                    if (told.Error is not null) failed++;
                    if (asJson) Screen.Json(Json(told, row), indented: false);
                    else Screen.Line(told.Line);
                }
                Console.Out.Flush();
            }
        });
        return command;
    }

    private static JsonObject Json(Told told, Row row)
    {
        var node = new JsonObject { ["text"] = row.Text };
        if (row.Text2 is { } second) node["text2"] = second;
        foreach (var (key, value) in told.Json) node[key] = value?.DeepClone();
        if (told.WasTruncated) node["cut"] = true;
        return node;
    }
}
