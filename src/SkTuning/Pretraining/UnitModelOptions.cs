using SkTuning.Data;

namespace SkTuning;

/// <summary>The options of a new language model of discrete units and of its training.</summary>
public sealed record UnitModelOptions
{
    /// <summary>The number of values of a head, of which the hidden size is a multiple.</summary>
    internal const int HeadSize = 32;

    /// <summary>
    /// The number of different units, whose ids are 0 to <see cref="Units"/> - 1, from 2 to 65536. The default is <see langword="null"/>: the largest unit of
    /// the sequences and all below it.
    /// </summary>
    public int? Units { get; init; }

    /// <summary>The number of layers, from 1 to 64. The default is 4.</summary>
    public int Layers { get; init; } = 4;

    /// <summary>The hidden size, a multiple of 32 up to 4096. The default is 128. Each head of attention has 32 values.</summary>
    public int Hidden { get; init; } = 128;

    /// <summary>
    /// The maximum number of tokens that the model reads, from 8 to 32768. A longer sequence is divided into parts, each of which it learns as a sequence of
    /// its own. The default is 512.
    /// </summary>
    public int Context { get; init; } = 512;

    /// <summary>The number of training steps, 1 or more. The default is 1000.</summary>
    public int Steps { get; init; } = 1000;

    /// <summary>The number of sequences per step, from 1 to 65536. The default is 32.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>The highest learning rate, which is reached after a tenth of the steps: more than 0, at most 1. The default is 0.002.</summary>
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>
    /// The fraction of the sequences that is held out, from 0 to 1 (exclusive): at most 500 of them, and fewer where the scores of all units at all of their
    /// tokens would take more than 1 GiB. The loss on them is measured after each pass over the others, and the pass with the lowest one is kept. With 0,
    /// nothing is held out and the last step is kept. The default is 0.05.
    /// </summary>
    public double DevFraction { get; init; } = 0.05;

    /// <summary>The seed of the first weights, of what is held out, and of the order of the sequences. The default is 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The device: <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c> and so on, or <c>auto</c>, which is the default.</summary>
    public string Device { get; init; } = "auto";

    internal void Validate()
    {
        Check(nameof(Units), Units, Units is null or >= 2 and <= UnitText.Largest + 1, $"2 to {UnitText.Largest + 1}");
        Check(nameof(Layers), Layers, Layers is >= 1 and <= 64, "1 to 64");
        Check(nameof(Hidden), Hidden, Hidden is >= HeadSize and <= 4096 && Hidden % HeadSize == 0, $"a multiple of {HeadSize} up to 4096");
        Check(nameof(Context), Context, Context is >= 8 and <= 32768, "8 to 32768");
        Check(nameof(Steps), Steps, Steps >= 1, "1 or more");
        Check(nameof(BatchSize), BatchSize, BatchSize is >= 1 and <= 65_536, "1 to 65536");
        Check(nameof(LearningRate), LearningRate, LearningRate is > 0 and <= 1, "above 0, at most 1");
        Check(nameof(DevFraction), DevFraction, DevFraction is >= 0 and < 1, "0 or more, below 1");
    }

    private static void Check<T>(string name, T value, bool isValid, string expected)
        => OptionCheck.That(nameof(UnitModelOptions), name, value, isValid, expected);
}
