using System.Text.Json.Serialization;

namespace SkTuning.Models;

/// <summary>What a model is, as traits: a family reads them from config.json, the one transformer does what they say.</summary>
internal sealed record ModelConfig
{
    /// <summary>Hugging Face's <c>model_type</c>.</summary>
    public required string Family { get; init; }

    public required int Layers { get; init; }
    public required int Hidden { get; init; }
    public required int Vocabulary { get; init; }

    /// <summary>The longest sequence, prefix included, that the model was made for.</summary>
    public required int Context { get; init; }

    /// <summary>A position sees only itself and what is before it.</summary>
    public bool Causal { get; init; } = true;

    /// <summary>True where a prefix of keys and values fits in.</summary>
    public bool TakesPrefix { get; init; } = true;

    public required NormTrait Norm { get; init; }
    public required AttentionTrait Attention { get; init; }
    public required FeedForwardTrait FeedForward { get; init; }
    public EmbeddingTrait Embedding { get; init; } = new();
    public BlockTrait Block { get; init; } = BlockTrait.Sequential;

    /// <summary>In a parallel block, the feed-forward has a norm of its own where a family has both kinds (falcon 40b).</summary>
    public bool TwoNorms { get; init; }

    /// <summary>A norm behind the last layer.</summary>
    public bool FinalNorm { get; init; } = true;

    /// <summary>Values of a final state; 0: the hidden size (opt projects back to the width of its word embeddings).</summary>
    public int Output { get; init; }

    /// <summary>Values of a final state, which a head reads.</summary>
    public int StateSize => Output > 0 ? Output : Hidden;

    /// <summary>The residual goes on from the norm's output instead of from its input (bloom's apply_residual_connection_post_layernorm).</summary>
    public bool ResidualFromNorm { get; init; }

    /// <summary>What each residual addition is multiplied by (granite).</summary>
    public float ResidualScale { get; init; } = 1;

    public required PositionTrait Positions { get; init; }

    /// <summary>How many positions back a layer sees, itself included; null: all. One entry a layer, or none.</summary>
    public IReadOnlyList<int?>? Windows { get; init; }

    /// <summary>Layers whose feed-forward is the mixture; null: all, where there is one.</summary>
    public IReadOnlyList<bool>? MixtureLayers { get; init; }

    public HeadTrait Head { get; init; } = new();

    /// <summary>Weights are stored [in, out] (GPT-2's Conv1D).</summary>
    public bool TransposedLinears { get; init; }

    /// <summary>The first layer's attention takes its input as it is: the norm of the embeddings stands right before it (modernbert).</summary>
    public bool FirstLayerWithoutNorm { get; init; }

    /// <summary>A convolution over the embeddings beside the first layer (deberta-v2's larger models).</summary>
    public ConvolutionTrait? Convolution { get; init; }

    /// <summary>Layers that share their weights; null: each has its own.</summary>
    public SharedLayersTrait? SharedLayers { get; init; }

    /// <summary>Of the two places of a masked-LM head the older comes first (deberta-v2).</summary>
    public bool LegacyHeadFirst { get; init; }

    /// <summary>The masked-LM head that the family has, where the checkpoint holds it.</summary>
    public MaskedHeadTrait? MaskedHead { get; init; }

    /// <summary>What other programs' classifiers of the family look like. No state depends on it, so the fingerprint leaves it out.</summary>
    [JsonIgnore]
    public ClassifierTrait Classifier { get; init; } = ClassifierTrait.Decoder;
}

/// <summary>How attention and feed-forward follow each other.</summary>
internal enum BlockTrait
{
    /// <summary>x += attention(norm x); x += feedForward(norm x), with further norms where their names are given.</summary>
    Sequential,

    /// <summary>x += attention(norm x) + feedForward(norm x).</summary>
    Parallel,

    /// <summary>x = norm(x + attention x); x = norm(x + feedForward x).</summary>
    NormAfter,
}

internal enum NormKind { Layer, Rms }

/// <param name="Kind">Mean and variance, or the root mean square alone.</param>
/// <param name="Epsilon">Added to the variance.</param>
/// <param name="Bias">A bias beside the weight.</param>
/// <param name="Affine">A weight at all (olmo has none).</param>
/// <param name="AddsOne">The stored weight is the distance from one (gemma).</param>
internal sealed record NormTrait(NormKind Kind, float Epsilon, bool Bias = false, bool Affine = true, bool AddsOne = false)
{
    public static NormTrait Rms(float epsilon) => new(NormKind.Rms, epsilon);
    public static NormTrait Layer(float epsilon, bool bias = true) => new(NormKind.Layer, epsilon, bias);
}

/// <summary>The order of q, k and v in a fused weight's rows.</summary>
internal enum FusedLayout
{
    /// <summary>Three weights of their own.</summary>
    None,

    /// <summary>All of q, all of k, all of v.</summary>
    Concatenated,

    /// <summary>q, k, v of one key/value group after the other: [Hkv, H/Hkv + 2, Dh].</summary>
    PerGroup,
}

/// <summary>Norms of queries and keys.</summary>
internal enum QueryKeyNorm
{
    None,

    /// <summary>One weight [Dh] for every head.</summary>
    PerHead,

    /// <summary>A weight for each value of each head: [H, Dh], normalised over Dh.</summary>
    EachHead,

    /// <summary>Over all heads' values at once: [H·Dh].</summary>
    Whole,
}

internal sealed record AttentionTrait
{
    public required int Heads { get; init; }
    public required int KeyValueHeads { get; init; }
    public required int HeadSize { get; init; }

    /// <summary>Bias of q, k and v.</summary>
    public bool Bias { get; init; }

    /// <summary>Bias of the output; null: as <see cref="Bias"/>.</summary>
    public bool? OutputBias { get; init; }

    public FusedLayout Fused { get; init; }

    /// <summary>Scores are multiplied by this; null: 1/sqrt(Dh).</summary>
    public float? Scale { get; init; }

    /// <summary>Scores are divided by the layer's number, from 1 (gpt2's scale_attn_by_inverse_layer_idx).</summary>
    public bool ScaleByLayer { get; init; }

    /// <summary>Scores become cap·tanh(score/cap).</summary>
    public float? SoftCap { get; init; }

    /// <summary>q, k and v are cut to [-clip, clip].</summary>
    public float? Clip { get; init; }

    public QueryKeyNorm QueryKeyNorm { get; init; }

    /// <summary>The norm of <see cref="QueryKeyNorm"/>; null: the model's.</summary>
    public NormTrait? QueryKeyNormTrait { get; init; }

    /// <summary>A learned number for each head and bucket of distances, the same in every layer (mpnet).</summary>
    public RelativeBucketsTrait? RelativeBuckets { get; init; }

    /// <summary>Scores between contents and distances beside those between contents (deberta-v2).</summary>
    public DisentangledTrait? Disentangled { get; init; }
}

internal enum Activation { Gelu, GeluTanh, Relu, Silu, ReluSquared, QuickGelu, Tanh }

internal sealed record FeedForwardTrait
{
    public required int Size { get; init; }
    public required Activation Activation { get; init; }

    /// <summary>down(act(gate x) · up x) instead of down(act(up x)).</summary>
    public bool Gated { get; init; }
    public bool Bias { get; init; }

    /// <summary>Gate and up in one weight, gate's rows first.</summary>
    public bool FusedGate { get; init; }

    /// <summary>Several feed-forwards of which each token takes a few.</summary>
    public MixtureTrait? Mixture { get; init; }
}

/// <param name="Experts">How many there are.</param>
/// <param name="Taken">How many a token takes.</param>
/// <param name="Normalized">The weights of those taken are scaled to a sum of one.</param>
/// <param name="Size">The inner size of one.</param>
internal sealed record MixtureTrait(int Experts, int Taken, bool Normalized, int Size);

internal sealed record EmbeddingTrait
{
    /// <summary>The width of the word embeddings; 0: the model's hidden size.</summary>
    public int Size { get; init; }

    /// <summary>Words are brought to the hidden size before positions are added, which have that size (opt).</summary>
    public bool ProjectsFirst { get; init; }

    /// <summary>Word embeddings are multiplied by this (gemma, granite).</summary>
    public float Scale { get; init; } = 1;

    /// <summary>The scale is the model's, not the word embeddings': an input prompt is scaled too (granite).</summary>
    public bool ScalesPrompt { get; init; }

    /// <summary>Token types (segments) of an encoder; 0: none.</summary>
    public int TokenTypes { get; init; }

    /// <summary>A norm behind the sum of the embeddings.</summary>
    public bool Norm { get; init; }

    /// <summary>The norm comes behind the projection to the hidden size, not before it (deberta-v2).</summary>
    public bool NormAfterProjection { get; init; }
}

internal sealed record HeadTrait
{
    /// <summary>True when the head is the word embedding's matrix.</summary>
    public bool Tied { get; init; }
    public bool Bias { get; init; }

    /// <summary>Logits are multiplied by this.</summary>
    public float Scale { get; init; } = 1;

    /// <summary>Logits become cap·tanh(logit/cap).</summary>
    public float? SoftCap { get; init; }
}

/// <summary>How a model knows the order of its tokens.</summary>
[JsonDerivedType(typeof(NoPositions), "none")]
[JsonDerivedType(typeof(LearnedPositions), "learned")]
[JsonDerivedType(typeof(AlibiPositions), "alibi")]
[JsonDerivedType(typeof(RotaryPositions), "rotary")]
internal abstract record PositionTrait;

/// <summary>Nothing of the kind (what <see cref="AlibiPositions"/> and rotary models add, aside).</summary>
internal sealed record NoPositions : PositionTrait;

/// <param name="Offset">The row of position 0 (roberta: pad id + 1; opt: 2).</param>
/// <param name="Rows">The table's rows.</param>
internal sealed record LearnedPositions(int Rows, int Offset = 0) : PositionTrait;

/// <param name="InBfloat16">The bias is rounded to bf16, as falcon's code does.</param>
/// <param name="Largest">Slopes come from 2^(-Largest·i/H) (mpt's alibi_bias_max; 8 elsewhere).</param>
internal sealed record AlibiPositions(bool InBfloat16 = false, float Largest = 8) : PositionTrait;

/// <summary>Rotary positions; a layer may have its own frequencies, or none.</summary>
/// <param name="Layers">One entry, or one a layer.</param>
internal sealed record RotaryPositions(IReadOnlyList<RotaryTrait?> Layers) : PositionTrait
{
    public RotaryTrait? this[int layer] => Layers.Count == 1 ? Layers[0] : Layers[layer];
}
