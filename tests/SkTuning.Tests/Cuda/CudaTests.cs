using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Classifiers.SingleLabel;
using SkTuning.Models;
using SkTuning.Prompts;
using SkTuning.Tests.Training;
using SkTuning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace SkTuning.Tests.Cuda;

/// <summary>What only a GPU shows; that it computes the same is seen by the tests of category Parity and of training with SKTUNING_TEST_DEVICE=cuda.</summary>
[Collection(Gpu.Name), Trait("Category", "Cuda")]
public sealed class CudaTests
{
    private static readonly SkPrefixOptions Method = new() { Bottleneck = 4 };
    private static readonly TrainingOptions Plain = new() { Epochs = 2, BatchSize = 8, Patience = 0 };

    private static IReadOnlyList<Row> Rows(string split, int perLabel)
        => Splits.KShot(RowFile.Load(Path.Combine(Fixtures.Repository, "assets", "data", "support", split + ".tsv")), perLabel, 1);

    private static FrozenModel Load(string device, Precision precision = Precision.Float32)
        => FrozenModel.Load(Fixtures.Tiny, new() { Device = device, Precision = precision });

    /// <summary>Trains on a few customer messages.</summary>
    private static TextClassifier Train(FrozenModel model, TrainingOptions training, List<double>? losses = null, TuningOptions? method = null,
        int perLabel = 3, IProgress<TrainingProgress>? progress = null, CancellationToken cancel = default)
        => TextClassifier.Train(model, Rows("train", perLabel), new()
        {
            Prompt = "Classify the topic:", Method = method
            ?? Method, Dev = Rows("dev", 2), Training = training
        }, progress ?? (losses is null ? null : new SmallTask.Now(p => losses.Add(p.Loss))), cancel);

    [Theory, InlineData(Precision.Float32, 1e-4), InlineData(Precision.BFloat16, 0.03), InlineData(Precision.Float16, 0.01)]
    public void Training_comes_to_the_losses_of_the_processor_and_the_adapter_works_on_either(Precision precision, double tolerance)
    {
        Gpu.SkipWithout();
        using var folder = new TemporaryFolder();
        using var slow = Load("cpu");
        using var fast = Load("cuda", precision);
        var (expected, actual) = (new List<double>(), new List<double>());
        using var onProcessor = Train(slow, Plain, expected);
        using var onGpu = Train(fast, Plain, actual);
        Assert.Equal(6, expected.Count);
        Assert.All(expected.Zip(actual), p => Assert.Equal(p.First, p.Second, tolerance));
        if (precision != Precision.Float32) return;

        onGpu.Save(folder["gpu"]);
        using var moved = TextClassifier.Load(folder["gpu"], slow);
        foreach (var row in Rows("test", 1))
            Assert.Equal(onGpu.Predict(row.Text).Confidence, moved.Predict(row.Text).Confidence, 1e-4);
    }

    [Fact]
    public void A_step_is_asked_for_without_waiting_for_what_was_asked_for_before()
    {
        Gpu.SkipWithout();
        using var scope = NewDisposeScope();
        var transformer = FrozenModel.LoadTransformer(Path.Combine(Fixtures.Root, "models", "llama"), new() { Device = "cuda" }, CUDA).Transformer;
        using var prompt = PromptEncoding.Read(transformer, [5, 17, 90, 3], CUDA);
        var method = Method.CreateMethod(transformer.Config, prompt);
        var (head, objective) = (new LinearHead(3, transformer.Config.Hidden, Pooling.Mean), new SingleLabelObjective(new(["a", "b", "c"])));
        using var tuned = new TunedModel(transformer, method, head, new ParameterSet(TunedModel.Specs(method, head), 1, CUDA));
        using var optimizer = new AdamW(tuned.Parameters, 0.01);
        var step = new TrainingStep(tuned, optimizer, 1, objective);
        EncodedRow[] rows = [new([7, 33, 12, 95]) { Classes = [0] }, new([5, 6]) { Classes = [2] }];
        for (var warm = 0; warm < 3; warm++) Take();
        cuda.synchronize();
        Gpu.Busy();
        for (var s = 0; s < 2; s++) Take();
        var busy = Gpu.IsBusy();
        cuda.synchronize();
        Assert.True(busy, "the steps were over only when the GPU had done all it was asked for before them");
        Assert.False(Gpu.IsBusy());

        void Take()
        {
            using var inner = NewDisposeScope();
            using var batch = TokenBatch.Of(rows, CUDA);
            step.Start();
            step.FinishLater(step.Add(batch, Devices.Send(objective.Targets(rows, CPU), CUDA), 1), 1e-3, 1e-3);
        }
    }

    [Fact]
    public void Memory_that_is_full_halves_the_rows_at_once_and_the_losses_are_the_same()
    {
        Gpu.SkipWithout();
        using var model = Load("cuda");
        // Some gigabytes in one step.
        Row[] rows = [.. Rows("train", 30).Select(r => r with { Text = string.Join(' ', Enumerable.Repeat(r.Text, 12)) })];
        var (expected, actual) = (new List<double>(), new List<double>());
        using var whole = Trained(expected);
        Assert.Equal(rows.Length, whole.Report!.RowsAtOnce);
        var taken = Gpu.Full(but: 16);
        try
        {
            using var parts = Trained(actual);
            Assert.InRange(parts.Report!.RowsAtOnce, 1, rows.Length / 2);
        }
        finally { taken.ForEach(t => t.Dispose()); }
        Assert.Equal(2, expected.Count);
        Assert.All(expected.Zip(actual), p => Assert.Equal(p.First, p.Second, 1e-4));

        TextClassifier Trained(List<double> losses)
            => TextClassifier.Train(model, rows, new()
            {
                Prompt = "Classify the topic:", Method = Method, Dev = Rows("dev", 2),
                Training = Plain with { BatchSize = rows.Length }
            }, new SmallTask.Now(p => losses.Add(p.Loss)));
    }

    [Fact]
    public void Activations_that_are_computed_again_come_to_the_same_losses()
    {
        Gpu.SkipWithout();
        using var model = Load("cuda");
        var (kept, again) = (new List<double>(), new List<double>());
        using var a = Train(model, Plain, kept);
        using var b = Train(model, Plain with { RecomputeActivations = true }, again);
        Assert.True(b.Report!.RecomputesActivations);
        Assert.All(kept.Zip(again), p => Assert.Equal(p.First, p.Second, 1e-5));
    }

    [Fact]
    public void A_run_that_was_stopped_goes_on_to_the_same_losses()
    {
        Gpu.SkipWithout();
        using var folder = new TemporaryFolder();
        using var model = Load("cuda");
        var (whole, parts) = (new List<double>(), new List<double>());
        using var undisturbed = Train(model, Plain, whole);
        var options = Plain with { RunFolder = folder["run"], CheckpointSteps = 1 };
        using var cancel = new CancellationTokenSource();
        Assert.ThrowsAny<TrainingCanceledException>(() => Train(model, options,
            progress: new SmallTask.Now(p => { parts.Add(p.Loss); if (p.Step == 2) cancel.Cancel(); }), cancel: cancel.Token)).Result.Dispose();
        using var resumed = Train(model, options with { Resume = true }, parts);
        Assert.Equal(whole.Count, parts.Count);
        Assert.All(whole.Zip(parts), p => Assert.Equal(p.First, p.Second, 1e-5));
    }

    [Fact]
    public void No_tensor_is_left_behind_by_steps()
    {
        Gpu.SkipWithout();
        using var model = Load("cuda");
        var live = new List<long>();
        using var trained = Train(model, Plain with { Epochs = 6 }, progress: new SmallTask.Now(p =>
        {
            if (p.CompletedEpoch is not null) live.Add(DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
        }));
        Assert.Equal(6, live.Count);
        Assert.All(live[1..], l => Assert.Equal(live[1], l));
    }
}
