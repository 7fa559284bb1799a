using System.Text.RegularExpressions;

namespace SkTuning.Tool.Output;

/// <summary>A part of a Markdown file that a command writes, between two comments; what people wrote around it stays.</summary>
internal static partial class MarkedText
{
    /// <summary>The file's text with a new part; the part is added at the end where there is none.</summary>
    /// <param name="file">The file, which may not be there yet.</param>
    /// <param name="name">The part's.</param>
    /// <param name="text">What is in it from now on.</param>
    /// <exception cref="SkTuningException">One of the two comments is missing or they are in the wrong order, or the file cannot be read.</exception>
    public static string Put(string file, string name, string text)
    {
        var (begin, end) = ($"<!-- {name}: begin -->", $"<!-- {name}: end -->");
        var before = Read(file);
        var part = $"{begin}\n{text.Trim('\n')}\n{end}";
        var (from, to) = (before.IndexOf(begin, StringComparison.Ordinal), before.IndexOf(end, StringComparison.Ordinal));
        if (from < 0 && to < 0) return before.Length == 0 ? part + "\n" : $"{before.TrimEnd('\n')}\n\n{part}\n";
        if (from < 0 || to < from) throw new SkTuningException($"{file}: has {(from < 0 ? $"'{end}' without '{begin}'" : to < 0 ? $"'{begin}' without '{end}'" : $"'{end}' before '{begin}'")}, expected both in this order. Repair the two comments, or remove them.");
        return string.Concat(before.AsSpan(0, from), part, before.AsSpan(to + end.Length));
    }

    /// <summary>Every heading one level down, for a page that becomes a part of another.</summary>
    public static string Deeper(string page) => Heading().Replace(page, "#$0");

    private static string Read(string file)
    {
        try { return File.Exists(file) ? File.ReadAllText(file) : ""; }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw new SkTuningException($"{file}: cannot be read: {e.Message.ReplaceLineEndings(" ")}", e); }
    }

    [GeneratedRegex("^#{1,5} ", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Heading();
}
