using System.Diagnostics;
using SkTuning.Baselines;
using SkTuning.Metrics;

namespace SkTuning.Compare;

/// <summary>Something that was trained and labels rows.</summary>
internal interface ILabeller : IDisposable
{
    Predictions Predict(IReadOnlyList<Row> rows, CancellationToken cancel);
}

/// <summary>What training left.</summary>
/// <param name="Labeller">The classifier.</param>
/// <param name="Parameters">Trained values.</param>
/// <param name="Seconds">Of training.</param>
/// <param name="Report">The epochs; null for baselines.</param>
/// <param name="SecondsPerStep">Of an optimizer step; null without steps.</param>
internal sealed record Trained(ILabeller Labeller, long Parameters, double Seconds, TrainingReport? Report = null, double? SecondsPerStep = null);

/// <summary>How the trials of a method are trained, kept and found again.</summary>
internal interface ILearner
{
    /// <summary>Trains once.</summary>
    /// <exception cref="SkTuningException">It cannot be done.</exception>
    Trained Train(Cell cell, double? rate, CancellationToken cancel);

    /// <summary>Keeps what was trained until the choice is made; the bytes that it takes.</summary>
    long Save(Trained trained, string folder);

    /// <summary>What was kept, or the same trained again; null when it has to be trained again and that takes long.</summary>
    ILabeller? Reopen(Cell cell, string folder, CancellationToken cancel);
}

/// <summary>Always the most frequent label.</summary>
internal sealed class MajorityLearner : ILearner
{
    public Trained Train(Cell cell, double? rate, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        return new(new Labeller(MajorityClass.Train(cell.Train.Rows)), 0, clock.Elapsed.TotalSeconds);
    }

    public long Save(Trained trained, string folder) => 0;

    public ILabeller Reopen(Cell cell, string folder, CancellationToken cancel) => Train(cell, null, cancel).Labeller;

    private sealed class Labeller(MajorityClass majority) : ILabeller
    {
        public Predictions Predict(IReadOnlyList<Row> rows, CancellationToken cancel) => new() { Labels = [majority.Label], Predicted = new int[rows.Count], Confidence = [] };

        public void Dispose() { }
    }
}

/// <summary>TF-IDF and logistic regression.</summary>
internal sealed class TfIdfLearner : ILearner
{
    public Trained Train(Cell cell, double? rate, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        var classifier = TfIdfClassifier.Train(cell.Train.Rows, (int)(cell.Seed & int.MaxValue), cancel);
        return new(new Labeller(classifier), classifier.Parameters, clock.Elapsed.TotalSeconds);
    }

    public long Save(Trained trained, string folder) => 0;

    public ILabeller Reopen(Cell cell, string folder, CancellationToken cancel) => Train(cell, null, cancel).Labeller;

    private sealed class Labeller(TfIdfClassifier classifier) : ILabeller
    {
        public Predictions Predict(IReadOnlyList<Row> rows, CancellationToken cancel) => Predictions.Of([.. classifier.Labels], rows,
            [.. classifier.Predict(rows).Select(p => (p.Label, p.Confidence, (Func<string, double>)(l => p.Scores[classifier.Labels.Find(l)])))]);

        public void Dispose() { }
    }
}
