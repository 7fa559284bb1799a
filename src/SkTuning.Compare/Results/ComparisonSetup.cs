using SkTuning.Native;

namespace SkTuning.Compare;

/// <summary>The base and the settings that all trials share.</summary>
public sealed record ComparisonSetup
{
    /// <summary>The model, as the plan names it.</summary>
    public required string Model { get; init; }

    /// <summary>Its family, Hugging Face's model_type.</summary>
    public required string Family { get; init; }

    /// <summary>Its number of parameters.</summary>
    public required long ModelParameters { get; init; }

    /// <summary>The number format of the matrix products: Float32, BFloat16.</summary>
    public required string Precision { get; init; }

    /// <summary>Passes over the training rows, the same for every method.</summary>
    public required int Epochs { get; init; }

    /// <summary>Rows a step.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Which states the head sees.</summary>
    public required string Pooling { get; init; }

    /// <summary>The seeds.</summary>
    public required IReadOnlyList<ulong> Seeds { get; init; }

    /// <summary>The name of the method that the others are compared with.</summary>
    public required string Reference { get; init; }
}

/// <summary>What a comparison ran on; nothing that tells whose machine it is.</summary>
public sealed record ComparisonMachine
{
    /// <summary>The processor's name; empty where the system does not tell.</summary>
    public required string Processor { get; init; }

    /// <summary>Its logical cores that the process may use.</summary>
    public required int Cores { get; init; }

    /// <summary>Threads within one operation.</summary>
    public required int Threads { get; init; }

    /// <summary>cpu, or the GPU's name.</summary>
    public required string Device { get; init; }

    /// <summary>The operating system.</summary>
    public required string System { get; init; }

    /// <summary>Versions of SkTuning, TorchSharp and .NET.</summary>
    public required string Versions { get; init; }
}
