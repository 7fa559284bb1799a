namespace SkTuning.Tests.Metrics;

public sealed class ManyClassesTests
{
    [Fact]
    public void The_memory_of_a_report_does_not_grow_with_the_square_of_the_classes()
    {
        const int Classes = 20_000;
        string[] labels = [.. Enumerable.Range(0, Classes).Select(c => $"{c}")];
        int[] truth = [.. Enumerable.Range(0, Classes)], predicted = [.. truth.Select(c => c / 2 * 2)];
        var before = GC.GetAllocatedBytesForCurrentThread();
        var report = ClassificationReport.Of(labels, truth, predicted);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 50 << 20);                          // the matrix would take 1.6 GB
        Assert.Equal(0.5, report.Accuracy);
        Assert.Equal((1, 1, 0), (report.Confusion(4, 4), report.Confusion(5, 4), report.Confusion(4, 5)));
        Assert.Throws<ArgumentOutOfRangeException>(() => report.Confusion(Classes, 0));
    }
}
