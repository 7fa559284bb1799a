using System.CommandLine;
using System.Text.Json.Nodes;
using SkTuning.Compare;
using SkTuning.Models;
using SkTuning.Peft;
using SkTuning.Tool.Commands;

namespace SkTuning.Tool.Tasks;

/// <summary>One label a row.</summary>
internal sealed class SingleLabelTask : ToolTask
{
    public override string Name => "single-label";

    public override TunedAdapter Train(TrainRequest request, IProgress<TrainingProgress>? progress, CancellationToken cancel)
        => TextClassifier.Train(request.Model, request.TrainRows(), request.Options(request.Arguments.FillHead(new() { Dev = request.DevRows(), StartFrom = request.Arguments.StartFrom(request.Parsed.CommandResult) }, request.Parsed)), progress, cancel);

    public override TunedAdapter Load(string folder, FrozenModel model) => TextClassifier.Load(folder, model);

    public override TunedAdapter Import(string folder, FrozenModel model, IReadOnlyList<string>? labels, PeftImportOptions options) => PeftInterop.Import(folder, model, labels, options);

    public override (string Text, JsonObject Json) Evaluate(TunedAdapter adapter, string file, RowOptions rows, ParseResult parsed, CancellationToken cancel)
    {
        var report = ((TextClassifier)adapter).Evaluate(RowFile.Load(file, rows.Read(parsed)), cancel);
        return (report.ToString(), new()
        {
            ["rows"] = report.Rows,
            ["accuracy"] = report.Accuracy,
            ["macroF1"] = report.Macro.F1,
            ["weightedF1"] = report.Weighted.F1,
            ["matthewsCorrelation"] = report.MatthewsCorrelation,
            ["perClass"] = ScoresJson.PerClass(report.PerClass),
        });
    }

    public override IEnumerable<Told> Predict(TunedAdapter adapter, IReadOnlyList<Row> texts, CancellationToken cancel)
        => ((TextClassifier)adapter).PredictPairs([.. texts.Select(t => (t.Text, t.Text2))], cancel).Select(p => p.Error is { } error ? Told.Failed(error)
            : new(FormattableString.Invariant($"{p.Label}\t{p.Confidence:F4}"), new() { ["label"] = p.Label, ["confidence"] = p.Confidence, ["scores"] = ScoresJson.Of(p.Scores) }, p.WasTruncated, null));
}

internal static class ScoresJson
{
    public static JsonObject Of(IReadOnlyDictionary<string, double> scores) => new(scores.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value)));

    public static JsonObject PerClass(IEnumerable<ClassScores> classes) => new(classes.Select(c => KeyValuePair.Create(c.Label,
        (JsonNode?)new JsonObject { ["precision"] = c.Scores.Precision, ["recall"] = c.Scores.Recall, ["f1"] = c.Scores.F1, ["rows"] = c.Rows })));
}
