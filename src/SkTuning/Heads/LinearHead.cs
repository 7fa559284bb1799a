using SkTuning.Tuning;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Heads;

/// <summary>A linear with bias over the pooled states.</summary>
internal sealed class LinearHead(int classes, int hidden, Pooling pooling)
{
    public const string Weight = "head.weight", Bias = "head.bias";

    public IReadOnlyList<ParameterSpec> Parameters { get; } =
    [
        new(Weight, [classes, hidden], ParameterStarts.Linear(hidden)),
        new(Bias, [classes], ParameterStarts.Linear(hidden)),
    ];

    /// <summary>States [B,T,D] to what the linear sees, [B,D].</summary>
    public Tensor Pool(Tensor states, Tensor? mask) => pooling.Pool(states, mask);

    /// <summary>Pooled states [B,D] to logits [B,C].</summary>
    public static Tensor Score(Tensor pooled, ParameterSet parameters) => F.linear(pooled, parameters[Weight], parameters[Bias]);
}
