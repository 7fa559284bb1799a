using System.Diagnostics;

namespace SkTuning.Compare;

/// <summary>The test rows. Nobody gets them: they are predicted here, by what dev chose, once for each method and seed.</summary>
internal sealed class SealedTest
{
    private readonly string _name;
    private readonly IReadOnlyList<Row> _rows;
    private readonly LabelSet _labels;
    private readonly HashSet<(string, ulong)> _opened = [];

    public SealedTest(string name, IReadOnlyList<Row> rows, LabelSet labels)
        => (_name, _rows, _labels, Truth, Hash) = (name, rows, labels, labels.IndicesOf(rows, name), RowHash.Of(rows));

    /// <summary>The true class of every row.</summary>
    public IReadOnlyList<int> Truth { get; }

    /// <summary>What the rows are known by.</summary>
    public string Hash { get; }

    /// <summary>Predictions of the chosen trial.</summary>
    /// <exception cref="InvalidOperationException">The method was already tested with this seed.</exception>
    public StoredTest Predict(Choice choice, ILabeller labeller, CancellationToken cancel)
    {
        Open(choice);
        var clock = Stopwatch.StartNew();
        var predictions = labeller.Predict(_rows, cancel);
        return new() { Predictions = predictions, Seconds = clock.Elapsed.TotalSeconds };
    }

    /// <summary>Predictions that an earlier run made for the chosen trial.</summary>
    public StoredTest Recall(Choice choice, StoredTest stored)
    {
        Open(choice);
        return stored;
    }

    /// <summary>The score that goes into the result.</summary>
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
            DevScore = choice.Trial.DevScore!.Value,
            Score = metric.Of(report),
            Accuracy = report.Accuracy,
            MacroF1 = report.Macro.F1,
            Mcc = report.MatthewsCorrelation,
            Classes = [.. report.PerClass.Select(c => new ComparisonClass(c.Label, c.Scores.Precision, c.Scores.Recall, c.Scores.F1, c.Rows))],
            Predicted = stored.Predictions.In(_labels),
            Confidence = stored.Predictions.Confidence,
            Seconds = stored.Seconds,
        };
    }

    private void Open(Choice choice)
    {
        if (!_opened.Add((choice.Trial.Method, choice.Trial.Seed)))
            throw new InvalidOperationException($"{_name}: {choice.Trial.Method} was already tested with seed {choice.Trial.Seed}.");
    }
}
