namespace SkTuning;

/// <summary>The exception that is thrown for a file or a folder that is missing, damaged, or not what it should be.</summary>
public sealed class SkTuningFileException : SkTuningException
{
    private const int MaxLength = 400;

    internal SkTuningFileException(string message, string file, Exception? innerException = null) : base(message, innerException) => File = file;

    /// <summary>Gets the path of the file or folder.</summary>
    public string File { get; }

    /// <summary>Gets the entry of the file that is at fault, such as a tensor, a setting or a line; <see langword="null"/> if it is the file itself.</summary>
    public string? Key { get; private init; }

    /// <summary>Gets what was found.</summary>
    public string? Found { get; private init; }

    /// <summary>Gets what was expected.</summary>
    public string? Expected { get; private init; }

    internal static SkTuningFileException Create(string file, string? key, string found, string expected, string? advice, Exception? cause)
    {
        var where = key is null ? $"{file}: found {OneLine(found)}" : $"{file}: '{OneLine(key)}' is {OneLine(found)}";
        var tail = advice is null ? "" : " " + advice;
        return new($"{where}, expected {expected}.{tail}", file, cause) { Key = key, Found = found, Expected = expected };
    }

    /// <summary>Cuts and escapes what a damaged file holds: it may be of any length and contain any character.</summary>
    private static string OneLine(string text)
    {
        if (text.Length > MaxLength) text = text[..MaxLength] + "…";
        return text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? $"\\u{(int)c:x4}" : c.ToString())) : text;
    }
}
