using System.Text.Json.Serialization;

namespace SkTuning.Models;

/// <summary>The traits of a model: a family reads them from config.json, and the one transformer follows them.</summary>
internal sealed record ModelConfig
{
    /// <summary>Hugging Face's <c>model_type</c>.</summary>
    public required string Family { get; init; }

    public required int Layers { get; init; }

    /// <summary>The hidden size.</summary>
    public required int Hidden { get; init; }

    /// <summary>The number of rows in the word embeddings.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>The maximum length of a sequence, prefix included, that the model was made for.</summary>
    public required int Context { get; init; }

    /// <summary>Whether a position sees only itself and the positions before it.</summary>
    public bool Causal { get; init; } = true;

    /// <summary>Whether the model supports a prefix of keys and values.</summary>
    public bool TakesPrefix { get; init; } = true;

    public required NormTrait Norm { get; init; }
    public required AttentionTrait Attention { get; init; }
    public required FeedForwardTrait FeedForward { get; init; }
    public EmbeddingTrait Embedding { get; init; } = new();
    public BlockTrait Block { get; init; } = BlockTrait.Sequential;

    /// <summary>Whether the feed-forward of a parallel block has its own norm, for families that have both kinds (falcon 40b).</summary>
    public bool TwoNorms { get; init; }

    /// <summary>Whether a norm follows the last layer.</summary>
    public bool FinalNorm { get; init; } = true;

    /// <summary>The width of a final state; 0: the hidden size (opt projects back to the width of its word embeddings).</summary>
    public int Output { get; init; }

    /// <summary>The width of a final state, which a head reads.</summary>
    public int StateSize => Output > 0 ? Output : Hidden;

    /// <summary>Whether the residual is the output of the norm instead of its input (bloom's apply_residual_connection_post_layernorm).</summary>
    public bool ResidualFromNorm { get; init; }

    /// <summary>The factor on each residual addition (granite).</summary>
    public float ResidualScale { get; init; } = 1;

    public required PositionTrait Positions { get; init; }

    /// <summary>
    /// The number of positions that a layer looks back, the current one included, one entry a layer; an entry of null: all. Null: no layer has a window.
    /// </summary>
    public IReadOnlyList<int?>? Windows { get; init; }

    /// <summary>Whether the feed-forward of each layer is the mixture; null: of every layer, if the model has a mixture.</summary>
    public IReadOnlyList<bool>? MixtureLayers { get; init; }

    public HeadTrait Head { get; init; } = new();

    /// <summary>Whether weights are stored as [in, out] (GPT-2's Conv1D).</summary>
    public bool TransposedLinears { get; init; }

    /// <summary>Whether the attention of the first layer has no norm, because the norm of the embeddings comes right before it (modernbert).</summary>
    public bool FirstLayerWithoutNorm { get; init; }

    /// <summary>A convolution over the embeddings beside the first layer (deberta-v2's larger models).</summary>
    public ConvolutionTrait? Convolution { get; init; }

    /// <summary>How layers share weights; null: each layer has its own.</summary>
    public SharedLayersTrait? SharedLayers { get; init; }

    /// <summary>Whether the older of the two names of the masked-LM head is tried first (deberta-v2).</summary>
    public bool LegacyHeadFirst { get; init; }

    /// <summary>The masked-LM head of the family, which a checkpoint may hold; null: none.</summary>
    public MaskedHeadTrait? MaskedHead { get; init; }

    /// <summary>The form of the family's classifiers in other programs. No state depends on it, so it is not part of the fingerprint.</summary>
    [JsonIgnore]
    public ClassifierTrait Classifier { get; init; } = ClassifierTrait.Decoder;
}

/// <summary>The order of attention, feed-forward and norms.</summary>
internal enum BlockTrait
{
    /// <summary>x += attention(norm x); x += feedForward(norm x), with further norms if they have names.</summary>
    Sequential,

    /// <summary>x += attention(norm x) + feedForward(norm x).</summary>
    Parallel,

    /// <summary>x = norm(x + attention x); x = norm(x + feedForward x).</summary>
    NormAfter,
}

internal enum NormKind { Layer, Rms }

/// <summary>A norm.</summary>
/// <param name="Kind">Layer norm (mean and variance) or RMS norm (root mean square only).</param>
/// <param name="Epsilon">The number that is added to the variance.</param>
/// <param name="Bias">Whether there is a bias besides the weight.</param>
/// <param name="Affine">Whether there is a weight at all (olmo has none).</param>
/// <param name="AddsOne">Whether the stored weight is the difference from one (gemma).</param>
internal sealed record NormTrait(NormKind Kind, float Epsilon, bool Bias = false, bool Affine = true, bool AddsOne = false)
{
    public static NormTrait Rms(float epsilon) => new(NormKind.Rms, epsilon);
    public static NormTrait Layer(float epsilon, bool bias = true) => new(NormKind.Layer, epsilon, bias);
}

/// <summary>The order of q, k and v in the rows of a fused weight.</summary>
internal enum FusedLayout
{
    /// <summary>Three separate weights.</summary>
    None,

    /// <summary>All of q, then all of k, then all of v.</summary>
    Concatenated,

    /// <summary>q, k and v of each key/value group in turn: [Hkv, H/Hkv + 2, Dh].</summary>
    PerGroup,
}

/// <summary>Norms of queries and keys.</summary>
internal enum QueryKeyNorm
{
    None,

    /// <summary>One weight [Dh] for all heads.</summary>
    PerHead,

    /// <summary>A weight for each value of each head, [H, Dh], normalized over Dh.</summary>
    EachHead,

    /// <summary>Normalized over the values of all heads together, [H·Dh].</summary>
    Whole,
}

internal sealed record AttentionTrait
{
    public required int Heads { get; init; }
    public required int KeyValueHeads { get; init; }
    public required int HeadSize { get; init; }

    /// <summary>Whether q, k and v have biases.</summary>
    public bool Bias { get; init; }

    /// <summary>Whether the output has a bias; null: as <see cref="Bias"/>.</summary>
    public bool? OutputBias { get; init; }

    public FusedLayout Fused { get; init; }

    /// <summary>The factor on scores; null: 1/sqrt(Dh).</summary>
    public float? Scale { get; init; }

    /// <summary>Whether scores are divided by the number of the layer, from 1 (gpt2's scale_attn_by_inverse_layer_idx).</summary>
    public bool ScaleByLayer { get; init; }

    /// <summary>The cap on scores, which become cap·tanh(score/cap); null: none.</summary>
    public float? SoftCap { get; init; }

    /// <summary>The limit of q, k and v, which are clipped to [-clip, clip]; null: none.</summary>
    public float? Clip { get; init; }

    public QueryKeyNorm QueryKeyNorm { get; init; }

    /// <summary>The norm of <see cref="QueryKeyNorm"/>; null: the model's.</summary>
    public NormTrait? QueryKeyNormTrait { get; init; }

    /// <summary>A learned bias for each head and bucket of distances, shared by all layers (mpnet); null: none.</summary>
    public RelativeBucketsTrait? RelativeBuckets { get; init; }

    /// <summary>Scores between contents and distances in addition to those between contents (deberta-v2); null: none.</summary>
    public DisentangledTrait? Disentangled { get; init; }
}

internal enum Activation { Gelu, GeluTanh, Relu, Silu, ReluSquared, QuickGelu, Tanh }

internal sealed record FeedForwardTrait
{
    /// <summary>The inner size.</summary>
    public required int Size { get; init; }
    public required Activation Activation { get; init; }

    /// <summary>Whether it computes down(act(gate x) · up x) instead of down(act(up x)).</summary>
    public bool Gated { get; init; }
    public bool Bias { get; init; }

    /// <summary>Whether gate and up are one weight, the rows of gate first.</summary>
    public bool FusedGate { get; init; }

    /// <summary>Several feed-forwards (experts), of which each token uses a few; null: one feed-forward.</summary>
    public MixtureTrait? Mixture { get; init; }
}

/// <summary>A mixture of experts.</summary>
/// <param name="Experts">The number of experts.</param>
/// <param name="Taken">The number of experts that a token uses.</param>
/// <param name="Normalized">Whether the weights of those experts are scaled to a sum of one.</param>
/// <param name="Size">The inner size of an expert.</param>
internal sealed record MixtureTrait(int Experts, int Taken, bool Normalized, int Size);

internal sealed record EmbeddingTrait
{
    /// <summary>The width of the word embeddings; 0: the model's hidden size.</summary>
    public int Size { get; init; }

    /// <summary>Whether words are projected to the hidden size before positions are added, which have that size (opt).</summary>
    public bool ProjectsFirst { get; init; }

    /// <summary>The factor on word embeddings (gemma, granite).</summary>
    public float Scale { get; init; } = 1;

    /// <summary>Whether the scale also applies to an input prompt, because it belongs to the model and not to the word embeddings (granite).</summary>
    public bool ScalesPrompt { get; init; }

    /// <summary>The number of token types (segments) of an encoder; 0: none.</summary>
    public int TokenTypes { get; init; }

    /// <summary>Whether a norm follows the sum of the embeddings.</summary>
    public bool Norm { get; init; }

    /// <summary>Whether the norm comes after the projection to the hidden size, not before it (deberta-v2).</summary>
    public bool NormAfterProjection { get; init; }
}

internal sealed record HeadTrait
{
    /// <summary>Whether the head is the matrix of the word embeddings.</summary>
    public bool Tied { get; init; }
    public bool Bias { get; init; }

    /// <summary>The factor on logits.</summary>
    public float Scale { get; init; } = 1;

    /// <summary>The cap on logits, which become cap·tanh(logit/cap); null: none.</summary>
    public float? SoftCap { get; init; }
}

/// <summary>The way a model knows the order of its tokens.</summary>
[JsonDerivedType(typeof(NoPositions), "none")]
[JsonDerivedType(typeof(LearnedPositions), "learned")]
[JsonDerivedType(typeof(AlibiPositions), "alibi")]
[JsonDerivedType(typeof(RotaryPositions), "rotary")]
internal abstract record PositionTrait;

/// <summary>No position embeddings at the input and none in attention.</summary>
internal sealed record NoPositions : PositionTrait;

/// <summary>Learned position embeddings.</summary>
/// <param name="Rows">The number of rows in the table.</param>
/// <param name="Offset">The row of position 0 (roberta: pad id + 1; opt: 2).</param>
internal sealed record LearnedPositions(int Rows, int Offset = 0) : PositionTrait;

/// <summary>A bias on scores that grows with the distance (ALiBi).</summary>
/// <param name="InBfloat16">Whether the bias is rounded to bf16, as in falcon's code.</param>
/// <param name="Largest">The exponent of the slopes 2^(-Largest·i/H) (mpt's alibi_bias_max; 8 elsewhere).</param>
internal sealed record AlibiPositions(bool InBfloat16 = false, float Largest = 8) : PositionTrait;

/// <summary>Rotary positions. A layer may have its own frequencies, or none.</summary>
/// <param name="Layers">One entry for all layers, or one for each layer.</param>
internal sealed record RotaryPositions(IReadOnlyList<RotaryTrait?> Layers) : PositionTrait
{
    public RotaryTrait? this[int layer] => Layers.Count == 1 ? Layers[0] : Layers[layer];
}
