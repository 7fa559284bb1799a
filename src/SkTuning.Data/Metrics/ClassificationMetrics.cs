namespace SkTuning.Metrics;

/// <summary>Metrics of one label a row, given as class indices from 0. <see cref="ClassificationReport"/> has all of them at once.</summary>
public static class ClassificationMetrics
{
    /// <summary>The part of the rows whose class was predicted.</summary>
    /// <exception cref="SkTuningException">No rows, or unequal numbers of them.</exception>
    public static double Accuracy(IReadOnlyList<int> truth, IReadOnlyList<int> predicted)
    {
        Check.Rows(nameof(Accuracy), truth.Count, predicted.Count);
        var right = 0;
        for (var i = 0; i < truth.Count; i++) if (truth[i] == predicted[i]) right++;
        return (double)right / truth.Count;
    }

    /// <summary>How often each class (row) was taken for each class (column).</summary>
    /// <exception cref="SkTuningException">No rows, unequal numbers of them, or an index out of range.</exception>
    public static int[,] Confusion(IReadOnlyList<int> truth, IReadOnlyList<int> predicted, int classes)
    {
        Check.Rows("Confusion matrix", truth.Count, predicted.Count);
        Check.Classes("Confusion matrix", truth, classes, "true");
        Check.Classes("Confusion matrix", predicted, classes, "predicted");
        var counts = new int[classes, classes];
        for (var i = 0; i < truth.Count; i++) counts[truth[i], predicted[i]]++;
        return counts;
    }
}
