namespace SkTuning.Serving;

/// <summary>The exception for texts that a full queue does not accept (<see cref="ClassifierEngineOptions.RejectsWhenFull"/>). Try again later.</summary>
public sealed class EngineFullException : SkTuningException
{
    /// <summary>Initializes the exception.</summary>
    /// <param name="message">The message.</param>
    public EngineFullException(string message) : base(message) { }
}
