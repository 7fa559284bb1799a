using System.Text;

namespace SkTuning.Reports.Formatting;

/// <summary>Encodes text for HTML, between tags and in quoted attributes, so that nothing in it is interpreted as markup.</summary>
internal static class Encoded
{
    private const char Replacement = '\uFFFD';

    public static string Text(string text)
    {
        var encoded = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())     // yields the replacement character for lone surrogates
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
