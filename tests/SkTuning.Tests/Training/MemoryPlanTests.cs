using SkTuning.Native;

namespace SkTuning.Tests.Training;

/// <summary>The number of rows that go through the model at the same time depends on the available memory.</summary>
public sealed class MemoryPlanTests(SmallTask task) : IClassFixture<SmallTask>
{
    private static readonly TrainingOptions Plain = new() { Epochs = 1, BatchSize = 8, Patience = 0 };

    [Fact]
    public void Little_memory_means_fewer_rows_at_once_then_activations_computed_again_and_the_same_losses()
    {
        TestDevice.SkipElsewhere("its allocator reports when it is full");
        var losses = new List<double>[] { [], [], [] };
        using var all = Trained(null, losses[0]);
        using var some = Trained(all.Report!.ActivationMemory / 2, losses[1]);
        using var little = Trained(all.Report.ActivationMemory / 40, losses[2]);
        Assert.Equal((8, false), (all.Report.RowsAtOnce, all.Report.RecomputesActivations));
        Assert.InRange(some.Report!.RowsAtOnce, 1, 4);
        Assert.False(some.Report.RecomputesActivations);
        Assert.True(little.Report!.RecomputesActivations);
        foreach (var other in losses[1..]) Assert.All(losses[0].Zip(other), p => Assert.Equal(p.First, p.Second, 1e-5));

        TextClassifier Trained(long? memory, List<double> told)
            => task.Train(Plain with { AvailableMemory = memory }, p => told.Add(p.Loss), method: new SkPrefixOptions { Bottleneck = 4 });
    }

    [Fact]
    public void The_machine_tells_what_is_left() => Assert.InRange(MachineMemory.Available(), 1L << 20, 1L << 50);

    [Fact]
    public void A_control_group_is_a_limit_and_dropped_pages_do_not_count()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["max"], "1000\n");
        File.WriteAllText(folder["current"], "700\n");
        File.WriteAllText(folder["stat"], "anon 500\ninactive_file 100\nfile 200\n");
        Assert.Equal(400, MachineMemory.OfGroup(folder["max"], folder["current"], folder["stat"]));
        File.WriteAllText(folder["max"], "max\n");
        Assert.Null(MachineMemory.OfGroup(folder["max"], folder["current"], folder["stat"]));
        Assert.Null(MachineMemory.OfGroup(folder["nowhere"], folder["current"], folder["stat"]));
    }
}
