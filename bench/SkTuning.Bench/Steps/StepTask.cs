using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Bench.Steps;

/// <summary>An implementation of a training step of SkPrefix with a linear head on the mean of the states.</summary>
internal interface IStepLoop : IDisposable
{
    /// <summary>Computes the loss and the gradient, clips the gradient and updates the parameters with AdamW.</summary>
    /// <returns>The loss before the update.</returns>
    double Step(Tensor ids, Tensor targets);
}

/// <summary>The code shared by all implementations.</summary>
internal static class StepTask
{
    public const int Classes = 2;
    public const double Rate = 1e-3, Decay = 0.01, ClipNorm = 1, NormEpsilon = 1e-5;

    public static IReadOnlyList<int> Prompt(int length) => [.. Enumerable.Range(0, length).Select(i => 3 + 7 * i)];

    public static Tensor Ids(long rows, long length, ulong seed, Device device)
    {
        using var random = new Generator(seed);
        return randint(0, StepShape.Vocabulary, [rows, length], dtype: ScalarType.Int64, generator: random).to(device);
    }

    public static Tensor Targets(long rows, Device device) => Numbers.Range(0, rows, device).remainder(Classes.Kept());
}
