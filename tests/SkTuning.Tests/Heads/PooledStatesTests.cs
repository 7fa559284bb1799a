using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Classifiers.SingleLabel;
using SkTuning.Heads;
using SkTuning.Tests.Training;
using SkTuning.Training;
using TorchSharp;

namespace SkTuning.Tests.Heads;

/// <summary>If a head sees one token of each row, the last layer computes no other token; the states are those of a complete pass.</summary>
public sealed class PooledStatesTests(SmallTask task) : IClassFixture<SmallTask>
{
    public static TheoryData<string, Pooling> Cases
        => [.. from m in (string[])["probe", "sk-prefix", "sk-prompt"] from p in Enum.GetValues<Pooling>() select new TheoryDataRow<string, Pooling>(m, p)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void They_are_those_of_a_whole_pass(string name, Pooling pooling)
    {
        using var runtime = Runtime(name switch { "probe" => new ProbeOptions(), "sk-prefix" => new SkPrefixOptions(), _ => new SkPromptOptions() }, pooling);
        using var scope = torch.NewDisposeScope();
        using var off = torch.no_grad();
        using var batch = TokenBatch.Of([.. new[] { "one", "two words here", "a much longer row than the others are" }.Select(t => runtime.Encoder.Encode(t))],
            task.Model.Device);
        var pass = runtime.Tuned.Method.Pass(task.Model.Transformer, runtime.Tuned.Bake(), runtime.Tuned.Parameters, training: false);
        var expected = pooling.Pool(pass.Run(batch).Text, batch.Mask);
        var found = PooledStates.Of(pass, batch, pooling);
        Assert.Equal(expected.shape, found.shape);
        Assert.True((found - expected).abs().max().item<float>() < 1e-4, pooling.ToString());
    }

    [Fact]
    public void A_method_that_pools_itself_is_asked_first()
    {
        using var runtime = Runtime(new AuthorsLlmOptions(), Pooling.Last);
        using var scope = torch.NewDisposeScope();
        using var off = torch.no_grad();
        using var batch = TokenBatch.Of([runtime.Encoder.Encode("a few words")], task.Model.Device);
        var pass = runtime.Tuned.Method.Pass(task.Model.Transformer, runtime.Tuned.Bake(), runtime.Tuned.Parameters, training: false);
        Assert.True((PooledStates.Of(pass, batch, Pooling.Last) - pass.Run(batch).Hidden.mean([1L])).abs().max().item<float>() < 1e-5);
    }

    private AdapterModel Runtime(TuningOptions method, Pooling pooling)
        => new(task.Model, AdapterPlan.Create(task.Model, task.Options(method: method) with { Pooling = pooling }, SingleLabelTask.Untrained,
            LabelSet.Of(task.Rows)));
}
