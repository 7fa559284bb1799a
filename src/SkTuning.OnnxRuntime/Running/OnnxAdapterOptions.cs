namespace SkTuning;

/// <summary>How an exported adapter is run.</summary>
public sealed record OnnxAdapterOptions
{
    /// <summary>
    /// The number of threads that compute one batch, from 0 to 1024. The default is 0: one for each processor that the process may use. A service with many
    /// callers has more throughput with 1.
    /// </summary>
    public int Threads { get; init; }

    internal void Validate() => OptionCheck.That(nameof(OnnxAdapterOptions), nameof(Threads), Threads, Threads is >= 0 and <= 1024, "0 to 1024");
}
