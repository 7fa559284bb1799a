using System.Text;

namespace SkTuning.Models;

/// <summary>
/// Python writes NaN, Infinity and -Infinity to JSON files, which are not JSON. A config may hold one in a setting that nothing here reads; where it is read,
/// it is refused as what was written.
/// </summary>
internal static class PythonNumbers
{
    // 1e999 is JSON, and is read as infinity by everyone who reads doubles.
    private const string Infinite = "1e999", NotANumber = "\"NaN\"";

    /// <summary>Returns the text as JSON: the same bytes if it has none of these words outside its strings.</summary>
    public static ReadOnlyMemory<byte> Plain(ReadOnlyMemory<byte> utf8)
    {
        var text = utf8.Span;
        if (text.IndexOf("NaN"u8) < 0 && text.IndexOf("Infinity"u8) < 0) return utf8;
        var plain = new MemoryStream(text.Length + 64);
        var (inString, copied) = (false, 0);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"') inString = !inString;
            else if (inString && text[i] == '\\') i++;
            else if (!inString && text[i] is (byte)'N' && text[i..].StartsWith("NaN"u8)) Replace(text, 3, NotANumber);
            else if (!inString && text[i] is (byte)'I' && text[i..].StartsWith("Infinity"u8)) Replace(text, 8, Infinite);

            void Replace(ReadOnlySpan<byte> from, int length, string with)
            {
                plain.Write(from[copied..i]);
                plain.Write(Encoding.ASCII.GetBytes(with));
                copied = i + length;
                i = copied - 1;
            }
        }
        plain.Write(text[copied..]);
        return plain.ToArray();
    }

    /// <summary>Returns a value's text as Python wrote it.</summary>
    public static string AsWritten(string json)
        => json.Replace(Infinite, "Infinity", StringComparison.Ordinal).Replace(NotANumber, "NaN", StringComparison.Ordinal);
}
