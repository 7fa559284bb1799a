namespace SkTuning.Compare;

/// <summary>The base and the settings shared by all trials.</summary>
public sealed record ComparisonSetup
{
    /// <summary>Gets the model, as named in the plan.</summary>
    public required string Model { get; init; }

    /// <summary>Gets the model family (Hugging Face's model_type).</summary>
    public required string Family { get; init; }

    /// <summary>Gets the number of parameters of the model.</summary>
    public required long ModelParameters { get; init; }

    /// <summary>Gets the number format of the matrix products: Float32, BFloat16 or Float16.</summary>
    public required string Precision { get; init; }

    /// <summary>Gets the number of passes over the training rows, for every method without its own; null for the library's default.</summary>
    public int? Epochs { get; init; }

    /// <summary>Gets the number of rows per step, for every method without its own; null for the library's default.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Gets the pooling, which determines the states that the head receives.</summary>
    public required string Pooling { get; init; }

    /// <summary>Gets the seeds.</summary>
    public required IReadOnlyList<ulong> Seeds { get; init; }

    /// <summary>Gets the name of the method that the others are compared with.</summary>
    public required string Reference { get; init; }
}

/// <summary>The machine that a comparison ran on, without anything that identifies its owner.</summary>
public sealed record ComparisonMachine
{
    /// <summary>Gets the name of the processor; empty if the system does not report it.</summary>
    public required string Processor { get; init; }

    /// <summary>Gets the number of logical cores available to the process.</summary>
    public required int Cores { get; init; }

    /// <summary>Gets the number of threads per operation.</summary>
    public required int Threads { get; init; }

    /// <summary>Gets the device: cpu, or the name of the GPU.</summary>
    public required string Device { get; init; }

    /// <summary>Gets the operating system.</summary>
    public required string System { get; init; }

    /// <summary>Gets the versions of SkTuning, TorchSharp and .NET.</summary>
    public required string Versions { get; init; }
}
