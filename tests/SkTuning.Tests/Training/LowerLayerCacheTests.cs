using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Classifiers.SingleLabel;
using SkTuning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace SkTuning.Tests.Training;

/// <summary>The states below the lowest trained layer are computed once, without any effect except on the time.</summary>
public sealed class LowerLayerCacheTests(SmallTask task) : IClassFixture<SmallTask>
{
    private static readonly TrainingOptions Plain = new() { Epochs = 2, BatchSize = 8, Patience = 0 };

    public static TheoryData<int, TuningOptions> Methods() => new()
    {
        { 0, new SkPrefixOptions { Bottleneck = 4 } }, { 0, new LoraOptions() }, { 3, new SkPrefixOptions { Bottleneck = 4, FirstLayer = 3 } },
        { 4, new SkPrefixOptions { Bottleneck = 4, LastLayers = 2 } }, { 5, new TopLayersOptions() },
    };

    [Theory, MemberData(nameof(Methods))]
    public void Losses_and_scores_are_the_same_with_and_without(int layer, TuningOptions method)
    {
        var (kept, again) = (new List<double>(), new List<double>());
        using var one = task.Train(Plain, p => kept.Add(p.Loss), method: method);
        using var two = task.Train(Plain with { StateCacheMemory = 0 }, p => again.Add(p.Loss), method: method);
        Assert.Equal(layer, LowerLayerCache.LayerOf(one.Adapter.Tuned));
        Assert.All(kept.Zip(again), p => Assert.Equal(p.First, p.Second, 1e-5));
        Assert.All(one.Report!.Epochs.Zip(two.Report!.Epochs), p => Assert.Equal(p.First.DevLoss, p.Second.DevLoss, 1e-5));
    }

    [Fact]
    public void A_probe_with_attention_pooling_starts_behind_the_last_layer()
    {
        var options = task.Options(Plain, new ProbeOptions()) with { Pooling = Pooling.Attention };
        using var one = TextClassifier.Train(task.Model, task.Rows, options);
        using var two = TextClassifier.Train(task.Model, task.Rows, options with { Training = Plain with { StateCacheMemory = 0 } });
        Assert.Equal(6, LowerLayerCache.LayerOf(one.Adapter.Tuned));
        Assert.All(one.Report!.Epochs.Zip(two.Report!.Epochs), p => Assert.Equal(p.First.DevLoss, p.Second.DevLoss, 1e-5));
    }

    [Fact]
    public void States_in_a_mapped_file_are_those_in_memory_and_leave_no_file()
    {
        using var runtime = Runtime(out var rows);
        using var inMemory = LowerLayerCache.Fill(runtime.Tuned, 3, rows, TestDevice.Torch, 1L << 30, default)!;
        using var onDisk = LowerLayerCache.Fill(runtime.Tuned, 3, rows.Reverse(), TestDevice.Torch, 1, default)!;
        Assert.False(inMemory.IsOnDisk);
        Assert.True(onDisk.IsOnDisk);
        Assert.Equal(inMemory.Bytes, onDisk.Bytes);
        using var a = inMemory.Batch(rows[..5], TestDevice.Torch);
        using var b = onDisk.Batch(rows[..5], TestDevice.Torch);
        Fixtures.AssertSame(a.CachedStates!.From.States, b.CachedStates!.From.States, "states");
        if (!OperatingSystem.IsWindows()) Assert.Empty(Directory.GetFiles(Path.GetTempPath(), $"sktuning-{Environment.ProcessId}-*.states"));
    }

    /// <summary>Another process can fill the disk after the file was created.</summary>
    [Fact]
    public void A_file_of_states_has_all_its_blocks_before_it_is_written_to()
    {
        using var disk = new SmallDisk();
        const int Bytes = 150 * 1024;
        var free = new DriveInfo(disk.Path).AvailableFreeSpace;
        var file = StatesFile.Make(Bytes, disk.Path)!;
        Assert.Equal(Bytes, new FileInfo(file).Length);
        Assert.InRange(free - new DriveInfo(disk.Path).AvailableFreeSpace, Bytes, 2 * Bytes);
        Assert.Null(StatesFile.Make(Bytes, disk.Path));                                             // less than twice as much is free
        Assert.Null(StatesFile.Make(1, Path.Combine(disk.Path, "nowhere")));
        Assert.Equal([file], Directory.GetFiles(disk.Path));
        File.WriteAllBytes(Path.Combine(disk.Path, "ballast"), new byte[new DriveInfo(disk.Path).AvailableFreeSpace]);
        using var states = StatesFile.Map(file, 150, 256);
        states.fill_(1);
        Assert.Equal(150 * 256, states.sum().item<float>());
    }

    [Fact]
    public void Identical_texts_are_computed_once()
    {
        using var runtime = Runtime(out var rows);
        using var once = LowerLayerCache.Fill(runtime.Tuned, 3, rows, TestDevice.Torch, 1L << 30, default)!;
        EncodedRow[] repeated = [.. rows, .. rows, .. rows.Select(r => r with { Classes = [0] })];
        using var thrice = LowerLayerCache.Fill(runtime.Tuned, 3, repeated, TestDevice.Torch, 1L << 30, default)!;
        Assert.Equal(once.Bytes, thrice.Bytes);
    }

    [Fact]
    public void A_batch_with_other_ids_does_not_start_from_kept_states()
    {
        using var runtime = Runtime(out var rows);
        using var bottom = LowerLayerCache.Fill(runtime.Tuned, 3, rows, TestDevice.Torch, 1L << 30, default)!;
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var batch = bottom.Batch(rows[..1], TestDevice.Torch);
        using var other = TokenBatch.Of([new EncodedRow([.. rows[0].Ids.Reverse()])], TestDevice.Torch);
        Fixtures.AssertSame(runtime.Tuned.Baked(other), runtime.Tuned.Baked(batch with { Ids = other.Ids }), "scores");
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        using (task.Train(Plain, method: new SkPrefixOptions { FirstLayer = 3 })) { }
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (task.Train(Plain, method: new SkPrefixOptions { FirstLayer = 3 })) { }
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private AdapterModel Runtime(out EncodedRow[] rows)
    {
        var options = task.Options(Plain, new SkPrefixOptions { FirstLayer = 3 });
        var runtime = new AdapterModel(task.Model, AdapterPlan.Create(task.Model, options, SingleLabelTask.Untrained, LabelSet.Of(task.Rows)));
        rows = [.. task.Rows.Select(r => runtime.Encoder.Encode(r.Text))];
        return runtime;
    }
}
