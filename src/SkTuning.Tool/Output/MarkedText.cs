using System.Text.RegularExpressions;

namespace SkTuning.Tool.Output;

/// <summary>A generated section of a Markdown file, between two marker comments; the text around it is left unchanged.</summary>
internal static partial class MarkedText
{
    /// <summary>Returns the file's text with the section replaced, or added at the end if the file has no such section.</summary>
    /// <param name="file">The file, which need not exist yet.</param>
    /// <param name="name">The name of the section.</param>
    /// <param name="text">The new content of the section.</param>
    /// <exception cref="SkTuningException">One of the two comments is missing or they are in the wrong order, or the file cannot be read.</exception>
    public static string Put(string file, string name, string text)
    {
        var (begin, end) = ($"<!-- {name}: begin -->", $"<!-- {name}: end -->");
        var before = Read(file);
        var section = $"{begin}\n{text.Trim('\n')}\n{end}";
        var (from, to) = (before.IndexOf(begin, StringComparison.Ordinal), before.IndexOf(end, StringComparison.Ordinal));
        if (from < 0 && to < 0) return before.Length == 0 ? section + "\n" : $"{before.TrimEnd('\n')}\n\n{section}\n";
        if (from < 0 || to < from)
        {
            var found = from < 0 ? $"'{end}' without '{begin}'" : to < 0 ? $"'{begin}' without '{end}'" : $"'{end}' before '{begin}'";
            throw new SkTuningException($"{file}: contains {found}, expected '{begin}' followed by '{end}'. Fix or remove the two comments.");
        }
        return string.Concat(before.AsSpan(0, from), section, before.AsSpan(to + end.Length));
    }

    /// <summary>Returns the page with every heading one level deeper, to be embedded in another page.</summary>
    public static string Deeper(string page) => Heading().Replace(page, "#$0");

    private static string Read(string file)
    {
        try { return File.Exists(file) ? File.ReadAllText(file) : ""; }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SkTuningException($"{file}: cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    [GeneratedRegex("^#{1,5} ", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Heading();
}
