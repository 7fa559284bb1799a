using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>Scores of single words without those of the whole vocabulary: features, multiplied by the rows of the words, give scores.</summary>
internal sealed partial class Transformer
{
    /// <summary>
    /// Returns what the rows of words are multiplied with, states [.., D] -> [.., E] fp32: the states themselves, or the states after the transform of a
    /// masked-LM head.
    /// </summary>
    public Tensor WordFeatures(Tensor hidden) => _maskedHead is null ? hidden : _maskedHead.Transform(hidden, _compute);

    /// <summary>
    /// Returns the rows [n,E] of tokens [n] in the LM head or the masked-LM head, and their biases [n] if it has any, in fp32. The caller's scope owns them.
    /// </summary>
    public (Tensor Weight, Tensor? Bias) WordRows(Tensor ids)
    {
        if (!HasHead && !HasMaskedHead)
            throw new SkTuningException($"This {Config.Family} checkpoint has neither an LM head nor a masked-LM head: use a head that is trained.");
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var (weight, bias) = _maskedHead?.Rows(ids, Embeddings.Words) ?? ((_head ?? Embeddings.Words).Rows(ids), _headBias?.index_select(0, ids));
        return (weight.to_type(ScalarType.Float32).MoveToOuterDisposeScope(), bias?.to_type(ScalarType.Float32).MoveToOuterDisposeScope());
    }

    /// <summary>Turns products with rows of words into the model's scores: scaled and capped as in its family.</summary>
    public Tensor WordScores(Tensor products)
    {
        if (Config.Head.Scale != 1) products = products * Config.Head.Scale.Kept();
        return Config.Head.SoftCap is { } cap ? (products / cap.Kept()).tanh() * cap.Kept() : products;
    }
}
