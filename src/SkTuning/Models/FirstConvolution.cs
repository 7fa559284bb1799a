using SkTuning.Native;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Models;

/// <summary>
/// The convolution beside the first layer of deberta-v2's xlarge models: norm(output of the first layer + act(convolution(embeddings))).
/// Source: transformers, modeling_deberta_v2.py, ConvLayer.
/// </summary>
internal sealed class FirstConvolution : IDisposable
{
    private readonly ConvolutionTrait _trait;
    private readonly Tensor _weight, _bias;
    private readonly FrozenNorm _norm;

    public FirstConvolution(WeightReader weights, ModelConfig config, ConvolutionTrait trait, WeightNames names)
    {
        _trait = trait;
        _weight = weights.Exact(names.Convolution + ".weight", config.Hidden, config.Hidden / trait.Groups, trait.Kernel);
        _bias = weights.Exact(names.Convolution + ".bias", config.Hidden);
        _norm = FrozenNorm.Read(weights, config.Norm, names.ConvolutionNorm!, config.Hidden);
    }

    /// <param name="embedded">[B,S,D] fp32.</param>
    /// <param name="x">The output of the first layer, [B,S,D] fp32.</param>
    /// <param name="mask">1 for real positions, [B,S]; null: all are real. Padding counts as zeros, just like positions beyond the ends.</param>
    public Tensor Forward(Tensor embedded, Tensor x, Tensor? mask)
    {
        var real = mask?.unsqueeze(-1).to_type(ScalarType.Float32);
        var seen = real is null ? embedded : embedded * real;
        var mixed = F.conv1d(seen.transpose(1, 2), _weight, _bias, padding: (_trait.Kernel - 1) / 2, groups: _trait.Groups).transpose(1, 2);
        return _norm.Forward(x.Plus(_trait.Activation.Of(mixed)));
    }

    public void Dispose()
    {
        _weight.Dispose();
        _bias.Dispose();
        _norm.Dispose();
    }
}
