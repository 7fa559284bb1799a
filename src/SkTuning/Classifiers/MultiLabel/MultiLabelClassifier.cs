using System.Globalization;
using SkTuning.Adapters;
using SkTuning.Answers;
using SkTuning.Classifiers.MultiLabel;
using static TorchSharp.torch;

namespace SkTuning;

/// <summary>
/// Predicts any number of labels for each text or pair of texts: the <see cref="Row.Labels"/> of the rows. Several classifiers may share a model, and
/// several threads may use one classifier.
/// </summary>
public sealed class MultiLabelClassifier : TextAdapter<MultiLabelClassifier, MultiLabelClassifierOptions, MultiLabelClassifierPrediction, MultiLabelReport>
{
    internal MultiLabelClassifier(AdapterModel adapter, AdapterDefinition? definition = null, TrainingReport? report = null) : base(adapter, definition, report)
        => Decision = ((MultiLabelSettings)Definition.Task).Decision ?? new([.. Labels.Select(_ => MultiLabelDecision.DefaultThreshold)]);

    /// <summary>Gets the decision: how probabilities become labels.</summary>
    public MultiLabelDecision Decision { get; }

    /// <summary>
    /// Returns a classifier with other thresholds. It shares the adapter with this one, dispose both; <see cref="TunedAdapter.Save"/>
    /// stores the thresholds with the adapter.
    /// </summary>
    /// <param name="decision">The decision.</param>
    /// <exception cref="SkTuningException">There is not one threshold from 0 to 1 for each label.</exception>
    public MultiLabelClassifier WithDecision(MultiLabelDecision decision)
    {
        ArgumentNullException.ThrowIfNull(decision);
        IReadOnlyList<double> thresholds = [.. decision.Thresholds];
        var isValid = thresholds.Count == Labels.Count && thresholds.All(t => t is >= 0 and <= 1);
        var found = string.Join(", ", thresholds.Select(t => t.ToString(CultureInfo.InvariantCulture)));
        OptionCheck.That(nameof(MultiLabelDecision), nameof(decision.Thresholds), $"[{found}]", isValid, $"{Labels.Count} numbers from 0 to 1");
        using var call = BeginOwnCall();
        return new(Adapter.Retain(), Definition with { Task = new MultiLabelSettings(new MultiLabelDecision(thresholds)) }, Report);
    }

    private protected override TaskAnswers<Row, MultiLabelClassifierPrediction> Answers
        => new MultiLabelAnswers(Labels, Decision, ReadsPairs) { NotFinite = Adapter.NotFinite };

    private protected override MultiLabelReport Measure(IReadOnlyList<Row> rows, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var encoded = ((MultiLabelTask)Task).EncodeAll(Adapter, rows, "the rows to evaluate", cancellationToken);
        var (truth, scores) = (MultiLabelTask.Truth(encoded), Adapter.FiniteScores(encoded, "rows to evaluate", cancellationToken));
        var probabilities = MultiLabelObjective.Probabilities(scores);
        return RowEvaluation.MultiLabel(Labels, truth, [.. probabilities.Select(Predicted)], probabilities);
    }

    private bool[] Predicted(double[] probabilities) => [.. probabilities.Zip(Decision.Thresholds, (p, t) => p >= t)];
}
