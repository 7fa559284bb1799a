using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>One forward pass over a batch.</summary>
internal sealed record ForwardRequest
{
    /// <summary>Token ids [B,T] int64, on the model's device, each below the vocabulary's size; null only with <see cref="From"/>.</summary>
    public Tensor? Ids { get; init; }

    /// <summary>Start at a layer from its input instead of from ids: what an earlier pass with the same injection below that layer left as a tap there.</summary>
    public LayerStates? From { get; init; }

    /// <summary>1 for text, 0 for padding (left or right), [B,T] int64; null: no padding.</summary>
    public Tensor? Mask { get; init; }

    /// <summary>Token types [B,T] of an encoder; null: all 0.</summary>
    public Tensor? TypeIds { get; init; }

    /// <summary>Word embeddings in place of those of <see cref="Ids"/>, [B,T,E] fp32, which may have gradients.</summary>
    public Tensor? InputEmbeddings { get; init; }

    /// <summary>Positions of the input prompt and the text, [1 or B, P+T] int64; null: counted from the mask.</summary>
    public Tensor? PositionIds { get; init; }

    public Injection Injection { get; init; } = Injection.None;

    /// <summary>Layers whose input is kept; the number of layers stands for what is behind the final norm.</summary>
    public IReadOnlySet<int>? Taps { get; init; }

    /// <summary>Keep each layer's keys and values.</summary>
    public bool KeepKeyValues { get; init; }

    /// <summary>Run this many layers, and no final norm unless it is all of them.</summary>
    public int? Layers { get; init; }

    /// <summary>
    /// Places in the text, [B,N] int64: <see cref="ForwardResult.Hidden"/> then holds the states of these alone, [B,N,D]. The last layer that runs computes keys and values for
    /// all places and everything else for these. Null: all.
    /// </summary>
    public Tensor? Outputs { get; init; }

    /// <summary>
    /// Keep of each layer its input alone and compute the rest again in backward: less memory for about a third more time. The gradients are the same, dropout included. A pass
    /// that keeps keys and values is run without it.
    /// </summary>
    public bool RecomputesLayers { get; init; }
}

/// <summary>The input of a layer.</summary>
/// <param name="Layer">The layer, from 0; the number of layers stands for what is behind the final norm.</param>
/// <param name="States">fp32 [B, P+T, D] with P the input prompt's length.</param>
internal sealed record LayerStates(int Layer, Tensor States);

/// <summary>What a forward pass leaves; the tensors belong to the dispose scope of the call.</summary>
internal sealed record ForwardResult
{
    /// <summary>States behind the final norm (or behind the last layer that ran), fp32 [B, P+T, D] with P the input prompt's length; [B,N,D] where <see cref="ForwardRequest.Outputs"/> are asked for.</summary>
    public required Tensor Hidden { get; init; }

    /// <summary>Where the text starts in <see cref="Hidden"/>: the input prompt's length, 0 where it holds only places of the text.</summary>
    public required long TextStart { get; init; }

    /// <summary>The states of the text alone [B,T,D].</summary>
    public Tensor Text => TextStart == 0 ? Hidden : Hidden.narrow(1, TextStart, Hidden.shape[1] - TextStart);

    /// <summary>The inputs of the layers asked for, [B, P+T, D].</summary>
    public IReadOnlyDictionary<int, Tensor> Taps { get; init; } = new Dictionary<int, Tensor>();

    /// <summary>Keys (after rotary) and values of each layer without the prefix, [B,Hkv,P+T,Dh], where asked for.</summary>
    public IReadOnlyList<LayerPrefix> KeyValues { get; init; } = [];
}
