using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Classifiers.SingleLabel;
using SkTuning.Prompts;
using static TorchSharp.torch;

namespace SkTuning.Tests.Methods;

/// <summary>A training step, which draws the other label of each row.</summary>
[Collection(Alone.Name)]
public sealed class LTuningStepTests
{
    [Fact]
    public void A_step_computes_the_prefixes_of_its_own_labels_alone_with_the_same_loss_and_gradients()
    {
        using var scope = NewDisposeScope();
        using var transformer = FrozenModel.LoadTransformer(Fixtures.MicroModel, new() { Device = "cpu" }, CPU).Transformer;
        var labels = Enumerable.Range(0, 9).Select(c => PromptEncoding.Read(transformer, [3 + c, 4, .. Enumerable.Repeat(5, c % 3)], CPU)).ToList();
        var options = new LTuningOptions { Bottleneck = 3 };
        var method = options.CreateMethod(transformer.Config, labels[0], labels);
        var head = options.OwnHead(transformer, labels.Count, Pooling.Mean)!;
        using var tuned = new TunedModel(transformer, method, head, new ParameterSet(TunedModel.Specs(method, head), 1, CPU));
        using (no_grad()) tuned.Parameters.Restore(tuned.Parameters.Values + randn([tuned.Parameters.Count], generator: new Generator(3)) * 0.05);
        using var batch = TokenBatch.Of([[7, 8, 9], [5, 6]], CPU);
        var (targets, objective) = (tensor(new long[] { 8, 1 }), new SingleLabelObjective(new(labels.Select((_, c) => $"{c}"))));
        Assert.True(head.ChoosesLabels(batch, objective));
        var whole = Gradients(() => head.Loss(
            method.Pass(transformer, method.Inject(tuned.Parameters, true), tuned.Parameters, true), batch, targets, objective));
        var chosen = Gradients(() => tuned.Loss(batch, targets, objective));
        Fixtures.AssertClose(whole.Loss, chosen.Loss, "loss", 1e-7);
        Fixtures.AssertClose(whole.Gradients, chosen.Gradients, "gradients", 1e-6);
        labels.ForEach(l => l.Dispose());

        (Tensor Loss, Tensor Gradients) Gradients(Func<Tensor> loss)
        {
            random.manual_seed(4);
            tuned.Parameters.Gradients.zero_();
            var value = loss();
            value.backward();
            return (value.detach(), tuned.Parameters.Gradients.clone());
        }
    }

    [Fact]
    public void With_many_labels_the_head_is_trained_on_a_sample_and_its_epoch_measured_on_all_dev_rows()
    {
        using var model = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });
        Row[] rows = [.. Enumerable.Range(0, 520).Select(i => new Row("my box is late", $"label {i}"))];
        using var trained = TextClassifier.Train(model, rows, new()
        {
            Method = new LTuningOptions { MaxTokens = 12, Bottleneck = 1 }, Dev = rows[..30], MaxTokens = 16, Training = new() { Epochs = 1, MaxSteps = 1 },
        });
        Assert.Equal([0, 1], trained.Report!.Epochs.Select(e => e.Epoch));
        Assert.All(trained.Report.Epochs, e => Assert.True(double.IsFinite(e.DevLoss)));
    }
}
