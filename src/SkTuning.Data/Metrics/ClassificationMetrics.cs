namespace SkTuning.Metrics;

/// <summary>Metrics of rows with one label each, given as class indices from 0. <see cref="ClassificationReport"/> contains all of them.</summary>
public static class ClassificationMetrics
{
    /// <summary>Returns the fraction of rows whose class was predicted.</summary>
    /// <exception cref="SkTuningException">There are no rows, or the numbers of rows differ.</exception>
    public static double Accuracy(IReadOnlyList<int> truth, IReadOnlyList<int> predicted)
    {
        Check.Rows(nameof(Accuracy), truth.Count, predicted.Count);
        var right = 0;
        for (var i = 0; i < truth.Count; i++) if (truth[i] == predicted[i]) right++;
        return (double)right / truth.Count;
    }

    /// <summary>Returns the number of rows of each class (first index) that were predicted as each class (second index).</summary>
    /// <exception cref="SkTuningException">There are no rows, the numbers of rows differ, or an index is out of range.</exception>
    public static int[,] Confusion(IReadOnlyList<int> truth, IReadOnlyList<int> predicted, int classes)
    {
        CheckClasses(truth, predicted, classes);
        var counts = new int[classes, classes];
        for (var i = 0; i < truth.Count; i++) counts[truth[i], predicted[i]]++;
        return counts;
    }

    internal static void CheckClasses(IReadOnlyList<int> truth, IReadOnlyList<int> predicted, int classes)
    {
        Check.Rows("Confusion matrix", truth.Count, predicted.Count);
        Check.Classes("Confusion matrix", truth, classes, "true");
        Check.Classes("Confusion matrix", predicted, classes, "predicted");
    }
}
