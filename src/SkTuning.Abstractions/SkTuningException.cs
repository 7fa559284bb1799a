namespace SkTuning;

/// <summary>
/// The exception that is thrown for invalid input: a file, an option, or a row that cannot be used. Its one-line message states what was found,
/// what was expected, and what to do.
/// </summary>
public sealed class SkTuningException : Exception
{
    /// <summary>Initializes a new instance with a one-line message and, if there is one, the cause.</summary>
    public SkTuningException(string message, Exception? cause = null) : base(message, cause) { }

    private SkTuningException(string message, string file, string? key, string found, string expected, Exception? cause) : base(message, cause)
        => (File, Key, Found, Expected) = (file, key, found, expected);

    /// <summary>Gets the file or folder at fault, or null if the input was not a file.</summary>
    public string? File { get; }

    /// <summary>Gets the entry of the file at fault, such as a tensor, a setting, or a line.</summary>
    public string? Key { get; }

    /// <summary>Gets a description of what was found there.</summary>
    public string? Found { get; }

    /// <summary>Gets a description of what was expected.</summary>
    public string? Expected { get; }

    /// <summary>An error in a file: <c>{file}: '{key}' is {found}, expected {expected}. {advice}</c></summary>
    internal static SkTuningException BadFile(
        string file, string? key, string found, string expected, string? advice = null, Exception? cause = null)
    {
        var where = key is null ? $"{file}: found {OneLine(found)}" : $"{file}: '{OneLine(key)}' is {OneLine(found)}";
        var tail = advice is null ? "" : " " + advice;
        return new($"{where}, expected {expected}.{tail}", file, key, found, expected, cause);
    }

    /// <summary>A name from a damaged file can be of any length and contain any characters.</summary>
    private static string OneLine(string text)
    {
        const int maxLength = 400;
        if (text.Length > maxLength) text = text[..maxLength] + "…";
        return text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? $"\\u{(int)c:x4}" : c.ToString())) : text;
    }
}
