namespace SkTuning;

/// <summary>
/// The base of all exceptions for input that cannot be used: an option, a file, a row. Its message is one line that names what was found, what was expected,
/// and what to do.
/// </summary>
public class SkTuningException : Exception
{
    private const int MaxLength = 2000, MaxEnd = 500;

    /// <summary>Initializes an exception with a one-line message.</summary>
    /// <param name="message">
    /// The message. It may quote a value of any length and any content: line ends are escaped, and beyond 2,000 characters its middle is left out.
    /// </param>
    /// <param name="innerException">The cause, if there is one.</param>
    public SkTuningException(string message, Exception? innerException = null)
        : base(Line(message), innerException) { }

    private static string Line(string message)
    {
        var line = message is null ? "" : SkTuningFileException.OneLine(message, int.MaxValue);
        return line.Length > MaxLength ? $"{line[..(MaxLength - MaxEnd - 1)]}…{line[^MaxEnd..]}" : line;
    }

    /// <summary>Creates the exception for a fault in a file: <c>{file}: '{key}' is {found}, expected {expected}. {advice}</c></summary>
    internal static SkTuningFileException BadFile(string file, string? key, string found, string expected, string? advice = null, Exception? cause = null)
        => SkTuningFileException.Create(file, key, found, expected, advice, cause);
}
