using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>The inputs and options of one forward pass over a batch.</summary>
internal sealed record ForwardRequest
{
    /// <summary>Token ids [B,T] int64, on the model's device, each below the vocabulary size; null only with <see cref="From"/>.</summary>
    public Tensor? Ids { get; init; }

    /// <summary>
    /// The input of a layer to start from instead of from ids: a tap that an earlier pass left at that layer, with the same injection in the layers below it.
    /// </summary>
    public LayerStates? From { get; init; }

    /// <summary>1 for text, 0 for padding (left or right), [B,T] int64; null: no padding.</summary>
    public Tensor? Mask { get; init; }

    /// <summary>Token types [B,T] for an encoder; null: all 0.</summary>
    public Tensor? TypeIds { get; init; }

    /// <summary>Word embeddings to use instead of those of <see cref="Ids"/>, [B,T,E] fp32; they may have gradients.</summary>
    public Tensor? InputEmbeddings { get; init; }

    /// <summary>Positions of the input prompt and the text, [1 or B, P+T] int64; null: counted from the mask.</summary>
    public Tensor? PositionIds { get; init; }

    /// <summary>The tensors that a tuning method adds to the pass.</summary>
    public Injection Injection { get; init; } = Injection.None;

    /// <summary>The layers whose input to keep; the number of layers means the states after the final norm.</summary>
    public IReadOnlySet<int>? Taps { get; init; }

    /// <summary>Whether to keep the keys and values of each layer.</summary>
    public bool KeepKeyValues { get; init; }

    /// <summary>The number of layers to run, without the final norm unless it is all of them; null: all.</summary>
    public int? Layers { get; init; }

    /// <summary>
    /// Positions in the text, [B,N] int64: <see cref="ForwardResult.Hidden"/> then holds only their states, [B,N,D]. The last layer that runs computes keys and
    /// values for all positions, and everything else only for these. Null: all.
    /// </summary>
    public Tensor? Outputs { get; init; }

    /// <summary>
    /// Whether to keep only the input of each layer and compute the rest again in backward, which saves memory and takes about a third more time. The gradients
    /// are the same, dropout included. A pass that keeps keys and values ignores this.
    /// </summary>
    public bool RecomputesLayers { get; init; }
}

/// <summary>The input of a layer.</summary>
/// <param name="Layer">The layer, from 0; the number of layers means the states after the final norm.</param>
/// <param name="States">fp32 [B, P+T, D], where P is the length of the input prompt.</param>
internal sealed record LayerStates(int Layer, Tensor States);

/// <summary>The results of a forward pass. The tensors belong to the dispose scope of the caller.</summary>
internal sealed record ForwardResult
{
    /// <summary>
    /// States after the final norm (or after the last layer that ran), fp32 [B, P+T, D], where P is the length of the input prompt; [B,N,D] if the request has
    /// <see cref="ForwardRequest.Outputs"/>.
    /// </summary>
    public required Tensor Hidden { get; init; }

    /// <summary>Where the text starts in <see cref="Hidden"/>: the length of the input prompt, or 0 if it holds only chosen positions of the text.</summary>
    public required long TextStart { get; init; }

    /// <summary>The states of the text only, [B,T,D].</summary>
    public Tensor Text => TextStart == 0 ? Hidden : Hidden.narrow(1, TextStart, Hidden.shape[1] - TextStart);

    /// <summary>The inputs of the requested layers, [B, P+T, D].</summary>
    public IReadOnlyDictionary<int, Tensor> Taps { get; init; } = new Dictionary<int, Tensor>();

    /// <summary>Keys (after rotary positions) and values of each layer without the prefix, [B,Hkv,P+T,Dh]; empty unless requested.</summary>
    public IReadOnlyList<LayerPrefix> KeyValues { get; init; } = [];

    /// <summary>The same keys before rotary positions.</summary>
    public IReadOnlyList<Tensor> PlainKeys { get; init; } = [];
}
