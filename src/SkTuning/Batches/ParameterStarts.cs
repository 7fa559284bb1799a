using SkTuning.Data;
using static TorchSharp.torch;

namespace SkTuning.Batches;

/// <summary>Fills a parameter with its start values.</summary>
internal delegate void ParameterStart(Span<float> values, Shuffler random);

/// <summary>The start values of parameters.</summary>
internal static class ParameterStarts
{
    /// <summary>Normally distributed values with mean zero.</summary>
    public static ParameterStart Normal(float deviation) => (values, random) =>
    {
        foreach (ref var value in values) value = random.NextGaussian() * deviation;
    };

    /// <summary>Returns the weight and the bias of a linear layer.</summary>
    public static IEnumerable<ParameterSpec> LinearSpecs(string name, long inputs, long outputs)
        => [new(name + ".weight", [outputs, inputs], Linear(inputs)), new(name + ".bias", [outputs], Linear(inputs))];

    public static void One(Span<float> values, Shuffler random) => values.Fill(1);

    /// <summary>The values of a tensor.</summary>
    public static ParameterStart Copy(Tensor source) => Copy(() => source);

    /// <summary>The values of a tensor that is created when they are needed.</summary>
    public static ParameterStart Copy(Func<Tensor> source) => (values, random) =>
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        source().to_type(ScalarType.Float32).cpu().contiguous().data<float>().ToArray().CopyTo(values);
    };

    public static void Zero(Span<float> values, Shuffler random) => values.Clear();

    /// <summary>Uniformly distributed values in ±1/sqrt(inputs), like the start values of torch's Linear.</summary>
    public static ParameterStart Linear(long inputs) => (values, random) =>
    {
        var bound = 1 / MathF.Sqrt(inputs);
        foreach (ref var value in values) value = (float)(random.NextDouble() * 2 - 1) * bound;
    };
}
