using SkTuning.Onnx;
using SkTuning.Onnx.Format;
using SkTuning.Onnx.Layers;
using static TorchSharp.torch;

namespace SkTuning.Tests.Onnx;

/// <summary>Models with several feed-forwards, of which a router chooses.</summary>
public sealed class OnnxMixtureTests
{
    [Theory]
    [InlineData(OnnxPrecision.Float32, "Float")]
    [InlineData(OnnxPrecision.Float16, "Float16")]
    [InlineData(OnnxPrecision.Int8, "Int8")]
    public void A_router_keeps_its_precision_since_a_small_error_chooses_another_expert(OnnxPrecision precision, string ofExperts)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var transformer = FrozenModel.LoadTransformer(Path.Combine(Fixtures.Root, "models", "mixtral"), new(), CPU).Transformer;
        var (config, model) = (transformer.Config, new ModelGraph(transformer, new(), precision));
        model.Graph.Output("states", model.States(), "batch", "length", "hidden");
        var (experts, inner) = (config.FeedForward.Mixture!.Experts, config.FeedForward.Mixture.Size);
        var tensors = model.Graph.Build().Tensors;
        var routers = tensors.Where(t => t.Shape is [var inputs, var outputs] && inputs == config.Hidden && outputs == experts).ToList();
        Assert.Equal(config.Layers, routers.Count);
        Assert.All(routers, t => Assert.Equal(ElementType.Float, t.Type));
        var downs = tensors.Where(t => t.Shape is [var inputs, var outputs] && inputs == inner && outputs == config.Hidden).ToList();
        Assert.Equal(config.Layers * experts, downs.Count);
        Assert.All(downs, t => Assert.Equal(ofExperts, t.Type.ToString()));
    }
}
