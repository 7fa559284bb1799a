using SkTuning.Tests.Classifiers;
using SkTuning.Tests.Methods;
using static TorchSharp.torch;

namespace SkTuning.Tests.Models;

/// <summary>A base with random weights, which knows nothing: the ablation of the model's weights.</summary>
public sealed class RandomBaseTests(EveryMethodSavedTests.Tiny tiny) : IClassFixture<EveryMethodSavedTests.Tiny>
{
    [Fact]
    public void Its_weights_follow_from_the_seed_and_start_like_those_of_a_new_model()
    {
        using var scope = NewDisposeScope();
        using var one = Load(1);
        using var again = Load(1);
        using var other = Load(2);
        Assert.Equal(TrainedOnTiny.Hash(one), TrainedOnTiny.Hash(again));
        Assert.NotEqual(TrainedOnTiny.Hash(one), TrainedOnTiny.Hash(other));
        Assert.Equal(1ul, one.Describe().RandomWeights);
        Assert.Equal(tiny.Model.Describe().Parameters, one.Describe().Parameters);
        foreach (var (name, value) in one.Weights)
        {
            var exact = value.to_type(ScalarType.Float32);
            if (value.dim() == 1) Assert.True(exact.eq(name.EndsWith("bias", StringComparison.Ordinal) ? 0 : 1).all().item<bool>(), name);
            else Assert.InRange(exact.std().item<float>(), 0.018f, 0.022f);
        }
        Assert.NotEqual(one.Weights[0].Value.to_type(ScalarType.Float32)[0].data<float>()[0],
            one.Weights[1].Value.to_type(ScalarType.Float32).flatten().data<float>()[0]);
    }

    [Fact]
    public void It_is_another_base_for_adapters()
    {
        using var folder = new TemporaryFolder();
        using var random = Load(1);
        using var other = Load(2);
        TextClassifierOptions options = new() { Prompt = TrainedOnTiny.Prompt, Training = new() { Epochs = 1, MaxSteps = 1, HeadFirst = false } };
        using (var classifier = TextClassifier.Train(random, tiny.Rows, options)) classifier.Save(folder["a"]);
        foreach (var wrong in (FrozenModel[])[tiny.Model, other])
            Assert.Contains("a different base", Assert.ThrowsAny<SkTuningException>(() => TextClassifier.Load(folder["a"], wrong)).Message);
        using var again = Load(1);
        using var loaded = TextClassifier.Load(folder["a"], again);
    }

    private static FrozenModel Load(ulong seed) => FrozenModel.Load(Fixtures.Tiny, new() { Device = "cpu", RandomWeights = seed });
}
