using System.Text;

namespace SkTuning.Reports.Html;

/// <summary>Text as it may stand in HTML, between tags and in quoted attributes: nothing in it is markup, whatever a row holds.</summary>
internal static class Encoded
{
    private const char Replacement = '\uFFFD';

    public static string Text(string text)
    {
        var encoded = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())     // half a surrogate pair comes as the replacement character
            _ = rune.Value switch
            {
                '&' => encoded.Append("&amp;"),
                '<' => encoded.Append("&lt;"),
                '>' => encoded.Append("&gt;"),
                '"' => encoded.Append("&quot;"),
                '\'' => encoded.Append("&#39;"),
                '\t' or '\n' => encoded.Append((char)rune.Value),
                _ when Rune.IsControl(rune) || rune.Value is 0xFFFE or 0xFFFF => encoded.Append(Replacement),
                _ => encoded.Append(rune.ToString()),
            };
        return encoded.ToString();
    }
}
