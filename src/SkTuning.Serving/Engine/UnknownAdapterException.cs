namespace SkTuning.Serving;

/// <summary>The exception for the name of an adapter that is not loaded.</summary>
public sealed class UnknownAdapterException : SkTuningException
{
    /// <summary>Initializes the exception.</summary>
    /// <param name="adapter">The name.</param>
    public UnknownAdapterException(string adapter) : base($"There is no adapter '{adapter}': load it first, or use one of ClassifierEngine.Adapters.")
        => Adapter = adapter;

    /// <summary>Gets the name.</summary>
    public string Adapter { get; }
}
