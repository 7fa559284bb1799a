using System.CommandLine;
using System.Text.Json.Nodes;
using SkTuning.Compare;
using SkTuning.Models;
using SkTuning.Peft;
using SkTuning.Tool.Commands;

namespace SkTuning.Tool.Tasks;

/// <summary>Any number of labels a row.</summary>
internal sealed class MultiLabelTask : ToolTask
{
    public override string Name => "multi-label";

    public override TunedAdapter Train(TrainRequest request, IProgress<TrainingProgress>? progress, CancellationToken cancel)
        => MultiLabelClassifier.Train(request.Model, request.TrainRows(), request.Options(new MultiLabelOptions { Dev = request.DevRows() }), progress, cancel);

    public override TunedAdapter Load(string folder, FrozenModel model) => MultiLabelClassifier.Load(folder, model);

    public override TunedAdapter Import(string folder, FrozenModel model, IReadOnlyList<string>? labels, PeftImportOptions options) => PeftInterop.ImportMultiLabel(folder, model, labels, options);

    public override (string Text, JsonObject Json) Evaluate(TunedAdapter adapter, string file, RowOptions rows, ParseResult parsed, CancellationToken cancel)
    {
        var report = ((MultiLabelClassifier)adapter).Evaluate(RowFile.Load(file, rows.Read(parsed)), cancel);
        return (report.ToString(), new()
        {
            ["rows"] = report.Rows,
            ["microF1"] = report.Micro.F1,
            ["macroF1"] = report.Macro.F1,
            ["samplesF1"] = report.Samples.F1,
            ["subsetAccuracy"] = report.SubsetAccuracy,
            ["hammingLoss"] = report.HammingLoss,
            ["rankingAveragePrecision"] = report.RankingAveragePrecision,
            ["perLabel"] = ScoresJson.PerClass(report.PerLabel),
        });
    }

    public override IEnumerable<Told> Predict(TunedAdapter adapter, IReadOnlyList<Row> texts, CancellationToken cancel)
        => ((MultiLabelClassifier)adapter).PredictPairs([.. texts.Select(t => (t.Text, t.Text2))], cancel).Select(p => p.Error is { } error ? Told.Failed(error)
            : new(string.Join('|', p.Labels), new() { ["labels"] = new JsonArray([.. p.Labels.Select(l => (JsonNode)l)]), ["scores"] = ScoresJson.Of(p.Scores) }, p.WasTruncated, null));
}
