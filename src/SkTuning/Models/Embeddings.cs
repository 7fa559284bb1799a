using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>Word, position and type embeddings. Only the rows that are needed are read.</summary>
internal sealed class Embeddings : IDisposable
{
    private readonly ModelConfig _config;
    private readonly Tensor? _positions, _types;
    private readonly FrozenNorm? _norm;
    private readonly FrozenLinear? _projection;

    public Embeddings(WeightReader weights, ModelConfig config, WeightNames names)
    {
        _config = config;
        Device = weights.Device;
        Size = config.Embedding.Size > 0 ? config.Embedding.Size : config.Hidden;
        Words = weights.Words(names.Embedding, config.Vocabulary, Size);
        var trait = config.Embedding;
        if (config.Positions is LearnedPositions learned)
            _positions = weights.Table(names.Positions!, learned.Rows, trait.ProjectsFirst ? config.Hidden : Size);
        if (trait.TokenTypes > 0) _types = weights.Table(names.TokenTypes!, trait.TokenTypes, Size);
        if (trait.Norm) _norm = FrozenNorm.Read(weights, config.Norm, names.EmbeddingNorm!, trait.NormAfterProjection ? config.Hidden : Size);
        if (names.EmbeddingProjection is { } projection)
            _projection = FrozenLinear.Read(weights, projection, Size, config.Hidden, weights.Has(projection + ".bias"));
    }

    /// <summary>The width E of the word embeddings.</summary>
    public int Size { get; }

    /// <summary>The word embeddings [V,E] in the format of the file.</summary>
    public FrozenMatrix Words { get; }

    /// <summary>The device that ids must be on.</summary>
    public Device Device { get; }

    /// <summary>Returns the word embeddings of ids [..], fp32 [.., E], with the scale of the family.</summary>
    public Tensor Word(Tensor ids)
    {
        var rows = Words.Rows(ids.reshape(-1)).Exact().view([.. ids.shape, Size]);
        return _config.Embedding.Scale == 1 || _config.Embedding.ScalesPrompt ? rows : rows * _config.Embedding.Scale.Kept();
    }

    /// <summary>Adds the embeddings of positions and types, and projects the sum to the hidden size.</summary>
    /// <param name="words">Word embeddings, input prompt first, [B,S,E].</param>
    /// <param name="positions">The positions, [1 or B, S].</param>
    /// <param name="types">The token types, [B,S], or null for type 0.</param>
    /// <param name="compute">The dtype of inner products.</param>
    public Tensor Forward(Tensor words, Tensor positions, Tensor? types, ScalarType compute)
    {
        var sum = _config.Embedding.ProjectsFirst ? Projected(words) : words;
        if (_config.Embedding.ScalesPrompt) sum = sum * _config.Embedding.Scale.Kept();
        if (_positions is not null)
        {
            var rows = positions.Plus(((LearnedPositions)_config.Positions).Offset.Kept()).reshape(-1);
            sum = sum.Plus(_positions.index_select(0, rows).Exact().view([.. positions.shape, sum.shape[^1]]));
        }
        if (_types is not null)
            sum = sum.Plus(types is null ? _types[0].Exact() : _types.index_select(0, types.reshape(-1)).Exact().view(sum.shape));
        if (_config.Embedding.ProjectsFirst) return Normed(sum);
        return _config.Embedding.NormAfterProjection ? Normed(Projected(sum)) : Projected(Normed(sum));

        Tensor Normed(Tensor x) => _norm?.Forward(x) ?? x;
        Tensor Projected(Tensor x) => _projection is null ? x : _projection.Forward(x.to_type(compute)).Exact();
    }

    public void Dispose()
    {
        foreach (var part in (IDisposable?[])[Words, _positions, _types, _norm, _projection]) part?.Dispose();
    }
}
