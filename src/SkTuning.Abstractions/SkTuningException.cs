namespace SkTuning;

/// <summary>
/// The base of all exceptions for input that cannot be used: an option, a file, a row. Its message is one line that names what was found, what was expected,
/// and what to do.
/// </summary>
public class SkTuningException : Exception
{
    /// <summary>Initializes an exception with a one-line message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="innerException">The cause, if there is one.</param>
    public SkTuningException(string message, Exception? innerException = null) : base(message, innerException) { }

    /// <summary>Creates the exception for a fault in a file: <c>{file}: '{key}' is {found}, expected {expected}. {advice}</c></summary>
    internal static SkTuningFileException BadFile(string file, string? key, string found, string expected, string? advice = null, Exception? cause = null)
        => SkTuningFileException.Create(file, key, found, expected, advice, cause);
}
