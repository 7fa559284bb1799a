using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>One forward pass over a batch.</summary>
internal sealed record ForwardRequest
{
    /// <summary>Token ids [B,T] int64, on the model's device, each below the vocabulary's size.</summary>
    public required Tensor Ids { get; init; }

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
}

/// <summary>What a forward pass leaves; the tensors belong to the dispose scope of the call.</summary>
internal sealed record ForwardResult
{
    /// <summary>States behind the final norm (or behind the last layer that ran), fp32 [B, P+T, D] with P the input prompt's length.</summary>
    public required Tensor Hidden { get; init; }

    /// <summary>The input prompt's length.</summary>
    public required long TextStart { get; init; }

    /// <summary>The states of the text alone [B,T,D].</summary>
    public Tensor Text => TextStart == 0 ? Hidden : Hidden.narrow(1, TextStart, Hidden.shape[1] - TextStart);

    /// <summary>The inputs of the layers asked for, [B, P+T, D].</summary>
    public IReadOnlyDictionary<int, Tensor> Taps { get; init; } = new Dictionary<int, Tensor>();

    /// <summary>Keys (after rotary) and values of each layer without the prefix, [B,Hkv,P+T,Dh], where asked for.</summary>
    public IReadOnlyList<LayerPrefix> KeyValues { get; init; } = [];
}
