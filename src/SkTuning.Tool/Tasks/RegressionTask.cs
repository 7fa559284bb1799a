using System.CommandLine;
using System.Text.Json.Nodes;
using SkTuning.Peft;
using SkTuning.Tool.Commands;

namespace SkTuning.Tool.Tasks;

/// <summary>A number a row.</summary>
internal sealed class RegressionTask : ToolTask
{
    public override string Name => "regression";

    public override TunedAdapter Train(TrainRequest request, IProgress<TrainingProgress>? progress, CancellationToken cancel)
        => TextRegressor.Train(request.Model, request.TrainRows(), request.Options(new TextRegressorOptions { Dev = request.DevRows() }), progress, cancel);

    public override TunedAdapter Load(string folder, FrozenModel model) => TextRegressor.Load(folder, model);

    public override TunedAdapter Import(string folder, FrozenModel model, IReadOnlyList<string>? labels, PeftImportOptions options) => PeftInterop.ImportRegressor(folder, model, options);

    public override (string Text, JsonObject Json) Evaluate(TunedAdapter adapter, string file, RowOptions rows, ParseResult parsed, CancellationToken cancel)
    {
        var report = ((TextRegressor)adapter).Evaluate(RowFile.Load(file, rows.Read(parsed)), cancel);
        return (report.ToString(), new()
        {
            ["rows"] = report.Rows,
            ["pearson"] = Number(report.Pearson),
            ["spearman"] = Number(report.Spearman),
            ["meanSquaredError"] = report.MeanSquaredError,
            ["meanAbsoluteError"] = report.MeanAbsoluteError,
            ["rSquared"] = Number(report.RSquared),
        });
    }

    public override IEnumerable<Told> Predict(TunedAdapter adapter, IReadOnlyList<Row> texts, CancellationToken cancel)
        => ((TextRegressor)adapter).PredictPairs([.. texts.Select(t => (t.Text, t.Text2))], cancel)
            .Select(p => p.Error is { } error ? Told.Failed(error) : new(FormattableString.Invariant($"{p.Value:G6}"), new() { ["value"] = p.Value }, p.WasTruncated, null));

    private static JsonNode? Number(double value) => double.IsFinite(value) ? value : null;
}
