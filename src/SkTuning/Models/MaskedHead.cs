using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>The masked-LM head of an encoder: decoder(norm(act(dense x))) + bias.</summary>
internal sealed class MaskedHead : IDisposable
{
    private readonly MaskedHeadTrait _trait;
    private readonly FrozenLinear _dense;
    private readonly FrozenNorm _norm;
    private readonly FrozenMatrix? _decoder;
    private readonly Tensor? _bias;

    private MaskedHead(WeightReader weights, ModelConfig config, MaskedHeadTrait trait, MaskedHeadNames names, string? bias, int width)
    {
        (_trait, Names) = (trait, names);
        _dense = FrozenLinear.Read(weights, WeightReader.Root + names.Dense, config.Hidden, width, trait.DenseBias);
        _norm = FrozenNorm.Read(weights, trait.Norm, WeightReader.Root + names.Norm, width);
        if (bias is not null) _bias = weights.Outside(bias, config.Vocabulary);
        if (!trait.Tied) _decoder = weights.OutsideMatrix(names.Decoder, config.Vocabulary, width);
    }

    public MaskedHeadTrait Trait => _trait;

    /// <summary>The names of its tensors in the checkpoint.</summary>
    public MaskedHeadNames Names { get; }

    /// <summary>Reads the head; null if the checkpoint has none.</summary>
    /// <param name="weights">The checkpoint.</param>
    /// <param name="config">The traits of the model.</param>
    /// <param name="trait">The traits of the head.</param>
    /// <param name="names">The names that the head may have.</param>
    /// <param name="width">The width of the word embeddings.</param>
    public static MaskedHead? Read(WeightReader weights, ModelConfig config, MaskedHeadTrait trait, WeightNames names, int width)
    {
        foreach (var at in names.MaskedHeads)
        {
            if (!Has(at.Dense + ".weight") || (!trait.Tied && !Has(at.Decoder))) continue;
            var bias = at.Biases.FirstOrDefault(Has);
            // A dense layer on its own may belong to a classifier.
            if (trait.Bias ? bias is not null : !Has("classifier.weight")) return new(weights, config, trait, at, trait.Bias ? bias : null, width);
        }
        return null;

        bool Has(string name) => weights.Has(WeightReader.Root + name);
    }

    /// <summary>Returns the scores, [.., D] -> [.., V] in fp32.</summary>
    /// <param name="hidden">The states of the model.</param>
    /// <param name="words">The word embeddings [V,E].</param>
    /// <param name="compute">The dtype of inner products.</param>
    public Tensor Forward(Tensor hidden, FrozenMatrix words, ScalarType compute)
        => (_decoder ?? words).Product(Transform(hidden, compute).to_type(compute), _bias).Exact();

    /// <summary>Runs everything except the decoder, [.., D] -> [.., E] in fp32.</summary>
    public Tensor Transform(Tensor hidden, ScalarType compute) => _norm.Forward(_trait.Activation.Of(_dense.Forward(hidden.to_type(compute))));

    /// <summary>Returns the decoder's rows [n,E] for tokens [n], and their biases [n] if it has any.</summary>
    public (Tensor Weight, Tensor? Bias) Rows(Tensor ids, FrozenMatrix words) => ((_decoder ?? words).Rows(ids), _bias?.index_select(0, ids));

    public void Dispose()
    {
        foreach (var part in (IDisposable?[])[_dense, _norm, _decoder, _bias]) part?.Dispose();
    }
}
