using SkTuning.Adapters;
using SkTuning.Answers;
using SkTuning.Classifiers.Regression;
using static TorchSharp.torch;

namespace SkTuning;

/// <summary>
/// Predicts a number for each text or pair of texts, such as a grade or a similarity. The label of a row is the number. Several regressors may share a model,
/// and several threads may use one regressor.
/// </summary>
public sealed class TextRegressor : TextAdapter<TextRegressor, TextRegressorOptions, TextRegressorPrediction, RegressionReport>
{
    internal TextRegressor(AdapterModel adapter, AdapterDefinition? definition = null, TrainingReport? report = null) : base(adapter, definition, report) { }

    private protected override TaskAnswers<Row, TextRegressorPrediction> Answers
        => new RegressionAnswers(((RegressionSettings)Definition.Task).Scale, ReadsPairs) { NotFinite = Adapter.NotFinite };

    private protected override RegressionReport Measure(IReadOnlyList<Row> rows, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var encoded = ((RegressionTask)Task).EncodeAll(Adapter, rows, "the rows to evaluate", cancellationToken);
        var values = RegressionTask.Objective(Definition.Task).Values(Adapter.FiniteScores(encoded, "rows to evaluate", cancellationToken));
        return RegressionReport.Of([.. encoded.Select(r => r.Values[0])], values);
    }
}
