using System.Globalization;
using System.Text;

namespace SkTuning;

/// <summary>The exception that is thrown for a file or a folder that is missing, damaged, or not what it should be.</summary>
public sealed class SkTuningFileException : SkTuningException
{
    /// <summary>What is found where there is no file or folder.</summary>
    internal const string Nothing = "nothing";

    private const int MaxLength = 400, MaxAdvice = 1000, ZeroWidthNonJoiner = 0x200C, ZeroWidthJoiner = 0x200D;

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
        var where = (key, found) switch
        {
            (null, Nothing) => $"{file}: does not exist",
            (null, _) => $"{file}: found {OneLine(found)}",
            _ => $"{file}: '{OneLine(key)}' is {OneLine(found)}",
        };
        var tail = advice is null ? "" : " " + OneLine(advice, MaxAdvice);
        return new($"{where}, expected {OneLine(expected, MaxAdvice)}.{tail}", file, cause) { Key = key, Found = found, Expected = expected };
    }

    /// <summary>
    /// Shortens and escapes what a damaged file contains: it may be of any length and contain any character. Characters that end a line or change the direction
    /// of the text around them are escaped, too; a half of a surrogate pair becomes U+FFFD.
    /// </summary>
    internal static string OneLine(string text, int maxLength = MaxLength)
    {
        var line = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            var isPlain = rune.Value is ZeroWidthNonJoiner or ZeroWidthJoiner || !MovesText(Rune.GetUnicodeCategory(rune));
            var part = isPlain ? rune.ToString() : string.Concat(rune.ToString().Select(c => $"\\u{(int)c:x4}"));
            if (line.Length + part.Length > maxLength) return line.Append('…').ToString();
            line.Append(part);
        }
        return line.ToString();
    }

    private static bool MovesText(UnicodeCategory category)
        => category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
