using System.CommandLine;
using System.Text.Json.Nodes;
using SkTuning.Data;
using SkTuning.Evaluation;
using SkTuning.Inference;
using SkTuning.Tool.Output;

namespace SkTuning.Tool.Commands;

/// <summary>Measures an adapter on labelled rows.</summary>
internal static class EvaluateCommand
{
    public static Command Create(Interruption interruption)
    {
        var command = new Command("evaluate", "Measure an adapter on labelled rows.\n\nExamples:\n  sktuning evaluate --adapter my-adapter --data test.tsv\n  sktuning evaluate --model ./my-model --adapter sentiment --data test.jsonl --json");
        var (model, rows) = (new ModelOptions().AddTo(command), new RowOptions().AddTo(command));
        var adapter = new Option<string>("--adapter") { Description = "Folder of the adapter.", Required = true };
        var data = new Option<string>("--data") { Description = "Labelled rows (.tsv, .csv, .jsonl).", Required = true };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        foreach (var option in (Option[])[adapter, data, json]) command.Add(option);
        command.SetAction(parsed =>
        {
            var file = parsed.GetValue(data)!;
            var test = RowFile.Read(file, rows.Read(parsed));
            using var loaded = model.Load(parsed);
            using var classifier = TextClassifier.Load(parsed.GetValue(adapter)!, loaded);
            var report = classifier.Evaluate(test, interruption.Token);
            if (!parsed.GetValue(json))
            {
                Screen.Line(report.ToString().TrimEnd());
                return Program.Done;
            }
            Screen.Json(new JsonObject
            {
                ["rows"] = report.Rows,
                ["accuracy"] = report.Accuracy,
                ["macroF1"] = report.Macro.F1,
                ["weightedF1"] = report.Weighted.F1,
                ["matthewsCorrelation"] = report.MatthewsCorrelation,
                ["perClass"] = new JsonObject(report.Labels.Zip(report.PerClass, (label, s) => KeyValuePair.Create(label, (JsonNode?)PerClass(s)))),
            });
            return Program.Done;
        });
        return command;
    }

    private static JsonObject PerClass(ClassScores s) => new() { ["precision"] = s.Scores.Precision, ["recall"] = s.Scores.Recall, ["f1"] = s.Scores.F1, ["rows"] = s.Rows };
}
