using System.Diagnostics;

namespace SkTuning.Compare;

/// <summary>The test rows. They are not accessible: only the trial selected on the dev rows can predict them, once per method and seed.</summary>
internal sealed class SealedTest
{
    private readonly string _name;
    private readonly IReadOnlyList<Row> _rows;
    private readonly LabelSet _labels;
    private readonly HashSet<(string, ulong)> _opened = [];

    public SealedTest(string name, IReadOnlyList<Row> rows, LabelSet labels)
        => (_name, _rows, _labels, Truth, Hash) = (name, rows, labels, labels.IndicesOf(rows, name), RowHash.Of(rows));

    /// <summary>The index of the true class of every row.</summary>
    public IReadOnlyList<int> Truth { get; }

    /// <summary>A hash that identifies the rows.</summary>
    public string Hash { get; }

    /// <summary>True if stored predictions can be those for these rows.</summary>
    public bool Fits(Predictions predictions) => predictions.AreFor(_labels, _rows.Count);

    /// <summary>Predicts the test rows with the selected trial.</summary>
    /// <exception cref="InvalidOperationException">The method has already been tested with this seed.</exception>
    public StoredTest Predict(Choice choice, ILabeler labeler, CancellationToken cancellationToken)
    {
        Open(choice);
        var clock = Stopwatch.StartNew();
        var predictions = labeler.Predict(_rows, cancellationToken);
        return new() { Predictions = predictions, Seconds = clock.Elapsed.TotalSeconds };
    }

    /// <summary>Reuses the predictions that an earlier run made with the selected trial.</summary>
    public StoredTest Recall(Choice choice, StoredTest stored)
    {
        Open(choice);
        return stored;
    }

    /// <summary>Returns the score for the result.</summary>
    public ComparisonScore Score(Choice choice, StoredTest stored, ComparisonMetric metric)
    {
        var report = stored.Predictions.Report(_labels, Truth);
        return new()
        {
            DataSet = _name,
            Method = choice.Trial.Method,
            Seed = choice.Trial.Seed,
            Rate = choice.Trial.Rate,
            Trial = choice.Trial.Key,
            DevScore = choice.Trial.DevScore,
            Score = metric.Of(report),
            Accuracy = report.Accuracy,
            MacroF1 = report.Macro.F1,
            Mcc = report.MatthewsCorrelation,
            Classes = [.. report.PerClass.Select(c => new ComparisonClass(c.Label, c.Scores.Precision, c.Scores.Recall, c.Scores.F1, c.Rows))],
            Predicted = stored.Predictions.In(_labels),
            Confidence = stored.Predictions.Confidence,
            Seconds = stored.Seconds,
            Passes = stored.Predictions.Passes,
        };
    }

    private void Open(Choice choice)
    {
        if (!_opened.Add((choice.Trial.Method, choice.Trial.Seed)))
            throw new InvalidOperationException($"{_name}: {choice.Trial.Method} has already been tested with seed {choice.Trial.Seed}.");
    }
}
