using static TorchSharp.torch;

namespace SkTuning.Tests.Models;

/// <summary>Two-byte formats give the states and gradients of fp32 up to rounding, through every trait and every slot.</summary>
public sealed class HalfPrecisionTests
{
    public static MatrixTheoryData<string, Precision> Cases => new(TraitModels.Families.Select(f => f.Data), [Precision.BFloat16, Precision.Float16]);

    [Theory, MemberData(nameof(Cases))]
    public void States_and_gradients_are_those_of_fp32_up_to_rounding(string family, Precision precision)
    {
        using var scope = NewDisposeScope();
        using var exact = new TraitModels(family);
        using var half = new TraitModels(family, precision);
        var (states, gradients) = exact.Gradients(new() { Ids = TraitModels.Ids, Mask = TraitModels.Mask, Injection = exact.Everything(0) });
        var (rounded, roundedGradients) = half.Gradients(new() { Ids = TraitModels.Ids, Mask = TraitModels.Mask, Injection = half.Everything(0) });
        Assert.Equal(ScalarType.Float32, rounded.dtype);
        var allowed = precision == Precision.Float16 ? 0.01 : 0.05;
        Assert.InRange(Distance(states, rounded), 1e-6, allowed);
        Assert.InRange(Distance(Flat(gradients), Flat(roundedGradients)), 1e-6, 0.1);                   // a rounding may cross a kink of ReLU
    }

    private static Tensor Flat(IEnumerable<Tensor> tensors) => cat([.. tensors.Select(t => t.flatten())]);

    private static double Distance(Tensor expected, Tensor actual) => ((actual - expected).norm() / expected.norm()).item<float>();
}
