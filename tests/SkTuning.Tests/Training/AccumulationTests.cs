using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Classifiers.SingleLabel;
using SkTuning.Training;

namespace SkTuning.Tests.Training;

/// <summary>A batch that is split into parts gives the same results as the whole batch.</summary>
public sealed class AccumulationTests(SmallTask task) : IClassFixture<SmallTask>
{
    private static readonly TrainingOptions Plain = new() { Epochs = 1, BatchSize = 8, Patience = 0 };

    [Theory, InlineData(1, false), InlineData(3, false), InlineData(3, true)]
    public void Gradients_of_parts_add_up_to_the_same_losses(int rows, bool balanced)
    {
        var (whole, parts) = (new List<double>(), new List<double>());
        var method = new SkPrefixOptions { Bottleneck = 4 };
        var options = Plain with { ClassWeights = balanced ? new Dictionary<string, double> { [task.Rows[0].Label] = 5, [task.Rows[5].Label] = 0.25 } : null };
        using var one = task.Train(options, p => whole.Add(p.Loss), method: method);
        using var many = task.Train(options with { MicroBatchSize = rows }, p => parts.Add(p.Loss), method: method);
        Assert.Equal(whole.Count, parts.Count);
        Assert.All(whole.Zip(parts), p => Assert.Equal(p.First, p.Second, 2e-6));
        Assert.Equal(rows, many.Report!.RowsAtOnce);
    }

    [Fact]
    public void Running_out_of_memory_halves_the_rows_at_once_and_the_loss_is_the_same()
    {
        using var whole = TextClassifierOf(null, out var expected, out _);
        using var halved = TextClassifierOf(4, out var actual, out var outcome);
        Assert.Equal(4, outcome.RowsAtOnce);
        Assert.All(expected.Zip(actual), p => Assert.Equal(p.First, p.Second, 1e-6));
        Assert.Equal(expected.Count, actual.Count);
    }

    [Fact]
    public void A_pass_without_gradients_takes_what_does_not_fit_in_parts()
    {
        var taken = new List<int>();
        BatchedPass.Run([[0, 1, 2, 3, 4, 5, 6], [7, 8, 9]], part =>
        {
            if (part.Length > 2) throw new System.Runtime.InteropServices.ExternalException("CUDA out of memory.");
            taken.AddRange(part);
        }, TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, 10), taken);
        var full = new System.Runtime.InteropServices.ExternalException("CUDA out of memory.");
        Assert.True(SkTuning.Models.Devices.IsOutOfMemory(new SkTuningException("A layer could not be recomputed.", full)));
        Assert.False(SkTuning.Models.Devices.IsOutOfMemory(new SkTuningException("A file of 3 GB ran out of memory.")));
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => BatchedPass.Run([[0]], _ => throw full, default));
    }

    [Fact]
    public void One_row_that_does_not_fit_is_an_error_of_its_own()
        => Assert.Contains("out of memory", Assert.ThrowsAny<Exception>(() => TextClassifierOf(0, out _, out _)).Message);

    /// <summary>Trains on a simulated device whose memory is too small for more than <paramref name="fits"/> rows.</summary>
    private AdapterModel TextClassifierOf(int? fits, out List<double> losses, out TrainingReport outcome)
    {
        var options = task.Options(Plain, new SkPrefixOptions { Bottleneck = 4 });
        var labels = LabelSet.Of(task.Rows);
        var runtime = new AdapterModel(task.Model, AdapterPlan.Create(task.Model, options, SingleLabelTask.Untrained, labels));
        var told = losses = [];
        EncodedRow[] Encoded(IReadOnlyList<Row> rows) => [.. rows.Select(r => runtime.Encoder.Encode(r.Text) with { Classes = [labels.GetIndex(r.Label)] })];
        var trainer = new Trainer(runtime.Tuned, new SingleLabelObjective(labels), options.Training,
            TrainingPlan.Of(options.Training, isExact: false, task.Rows.Count, task.Dev.Count, StepRule.Texts), TestDevice.Torch)
        {
            BeforeRows = rows =>
            {
                if (rows <= fits || fits is null) return;
                throw new System.Runtime.InteropServices.ExternalException("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of "
                    + "79.11 GiB of which 1.02 GiB is free.");
            },
        };
        outcome = trainer.Run(new(Encoded(task.Rows), Encoded(task.Dev), []), new SmallTask.Now(p => told.Add(p.Loss)), TestContext.Current.CancellationToken);
        return runtime;
    }
}
