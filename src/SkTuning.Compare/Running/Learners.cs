using System.Diagnostics;
using SkTuning.Baselines;
using SkTuning.Metrics;

namespace SkTuning.Compare;

/// <summary>A trained classifier of rows.</summary>
internal interface ILabeler : IDisposable
{
    Predictions Predict(IReadOnlyList<Row> rows, CancellationToken cancellationToken);
}

/// <summary>The result of training.</summary>
/// <param name="Labeler">The classifier.</param>
/// <param name="Parameters">The number of trained parameters.</param>
/// <param name="Seconds">The training time.</param>
/// <param name="Report">The training report; null for baselines.</param>
/// <param name="SecondsPerStep">The time of an optimizer step; null for methods without steps.</param>
internal sealed record Trained(ILabeler Labeler, long Parameters, double Seconds, TrainingReport? Report = null, double? SecondsPerStep = null);

/// <summary>Trains, saves and reopens the trials of a method.</summary>
internal interface ILearner
{
    /// <summary>Trains a trial.</summary>
    /// <exception cref="SkTuningException">The method cannot be trained.</exception>
    Trained Train(Cell cell, double? rate, CancellationToken cancellationToken);

    /// <summary>Saves a trained classifier until the choice is made, and returns its size in bytes.</summary>
    long Save(Trained trained, string folder);

    /// <summary>Returns the saved classifier or retrains it; null if retraining is necessary and slow.</summary>
    ILabeler? Reopen(Cell cell, string folder, CancellationToken cancellationToken);
}

/// <summary>Predicts the most frequent label.</summary>
internal sealed class MajorityLearner : ILearner
{
    public Trained Train(Cell cell, double? rate, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        return new(new Labeler(MajorityClass.Train(cell.Train.Rows)), 0, clock.Elapsed.TotalSeconds);
    }

    public long Save(Trained trained, string folder) => 0;

    public ILabeler Reopen(Cell cell, string folder, CancellationToken cancellationToken) => Train(cell, null, cancellationToken).Labeler;

    private sealed class Labeler(MajorityClass majority) : ILabeler
    {
        public Predictions Predict(IReadOnlyList<Row> rows, CancellationToken cancellationToken)
            => new() { Labels = [majority.Label], Predicted = new int[rows.Count], Confidence = [] };

        public void Dispose() { }
    }
}

/// <summary>Predicts with TF-IDF and logistic regression.</summary>
internal sealed class TfIdfLearner : ILearner
{
    public Trained Train(Cell cell, double? rate, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var classifier = TfIdfClassifier.Train(cell.Train.Rows, (int)(cell.Seed & int.MaxValue), cancellationToken);
        return new(new Labeler(classifier), classifier.Parameters, clock.Elapsed.TotalSeconds);
    }

    public long Save(Trained trained, string folder) => 0;

    public ILabeler Reopen(Cell cell, string folder, CancellationToken cancellationToken) => Train(cell, null, cancellationToken).Labeler;

    private sealed class Labeler(TfIdfClassifier classifier) : ILabeler
    {
        public Predictions Predict(IReadOnlyList<Row> rows, CancellationToken cancellationToken) => Predictions.Of([.. classifier.Labels], rows,
            [.. classifier.Predict(rows).Select(p => (p.Label, p.Confidence, (Func<string, double>)(l => p.Scores[classifier.Labels.IndexOf(l)])))]);

        public void Dispose() { }
    }
}
