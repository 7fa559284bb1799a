namespace SkTuning;

/// <summary>
/// The exception for invalid input: a file, an option or a row that cannot be used. Its message is one line that says what was found, what was expected and
/// what to do.
/// </summary>
public sealed class SkTuningException : Exception
{
    /// <summary>Initializes a new instance of the <see cref="SkTuningException"/> class.</summary>
    /// <param name="message">The message, in one line.</param>
    /// <param name="cause">The exception that caused this one, or null.</param>
    public SkTuningException(string message, Exception? cause = null) : base(message, cause) { }

    private SkTuningException(string message, string file, string? key, string found, string expected, Exception? cause) : base(message, cause)
        => (File, Key, Found, Expected) = (file, key, found, expected);

    /// <summary>Gets the file or folder at fault, or null.</summary>
    public string? File { get; }

    /// <summary>Gets the entry of the file at fault (a tensor, a setting, a line), or null.</summary>
    public string? Key { get; }

    /// <summary>Gets what was found there, or null.</summary>
    public string? Found { get; }

    /// <summary>Gets what was expected, or null.</summary>
    public string? Expected { get; }

    /// <summary>Creates the exception for a fault in a file: <c>{file}: '{key}' is {found}, expected {expected}. {advice}</c></summary>
    internal static SkTuningException BadFile(string file, string? key, string found, string expected, string? advice = null, Exception? cause = null)
    {
        var where = key is null ? $"{file}: found {OneLine(found)}" : $"{file}: '{OneLine(key)}' is {OneLine(found)}";
        var tail = advice is null ? "" : " " + advice;
        return new($"{where}, expected {expected}.{tail}", file, key, found, expected, cause);
    }

    /// <summary>Shortens and escapes text of a file: a name from a damaged file may contain anything and have any length.</summary>
    private static string OneLine(string text)
    {
        const int maxLength = 400;
        if (text.Length > maxLength) text = text[..maxLength] + "…";
        return text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? $"\\u{(int)c:x4}" : c.ToString())) : text;
    }
}
