namespace SkTuning;

/// <summary>
/// The one exception for bad input: a file, an option or a row that cannot be used. Its message is one line that names
/// what was found, what was expected and what to do.
/// </summary>
public sealed class SkTuningException : Exception
{
    /// <summary>A message in one line, and the cause if there is one.</summary>
    public SkTuningException(string message, Exception? cause = null) : base(message, cause) { }

    private SkTuningException(string message, string file, string? key, string found, string expected, Exception? cause) : base(message, cause)
        => (File, Key, Found, Expected) = (file, key, found, expected);

    /// <summary>The file or folder at fault, if one is.</summary>
    public string? File { get; }

    /// <summary>The entry of the file at fault: a tensor, a setting, a line.</summary>
    public string? Key { get; }

    /// <summary>What was found there.</summary>
    public string? Found { get; }

    /// <summary>What was expected.</summary>
    public string? Expected { get; }

    /// <summary>A fault in a file: <c>{file}: '{key}' is {found}, expected {expected}. {advice}</c></summary>
    internal static SkTuningException BadFile(string file, string? key, string found, string expected, string? advice = null, Exception? cause = null)
    {
        var where = key is null ? $"{file}: found {OneLine(found)}" : $"{file}: '{OneLine(key)}' is {OneLine(found)}";
        var tail = advice is null ? "" : " " + advice;
        return new($"{where}, expected {expected}.{tail}", file, key, found, expected, cause);
    }

    /// <summary>A name from a damaged file may hold anything, and any amount of it.</summary>
    private static string OneLine(string text)
    {
        const int most = 400;
        if (text.Length > most) text = text[..most] + "…";
        return text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? $"\\u{(int)c:x4}" : c.ToString())) : text;
    }
}
