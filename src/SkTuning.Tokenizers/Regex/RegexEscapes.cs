using System.Globalization;

namespace SkTuning.Tokenizers.Regex;

/// <summary>Parses escapes that stand for characters, inside and outside of brackets.</summary>
internal static class RegexEscapes
{
    /// <summary>Parses the escape at <paramref name="at"/> and advances <paramref name="at"/> past its end.</summary>
    public static CodePointSet Parse(string text, ref int at, Func<string, NotSupportedException> refuse)
    {
        at++;
        if (at >= text.Length) throw refuse("a '\\' at the end");
        var c = text[at++];
        switch (c)
        {
            case 's': return NamedSets.Find("space")!;
            case 'S': return NamedSets.Find("space")!.Inverse();
            case 'd': return NamedSets.Find("digit")!;
            case 'D': return NamedSets.Find("digit")!.Inverse();
            case 'w': return NamedSets.Find("word")!;
            case 'W': return NamedSets.Find("word")!.Inverse();
            case 'h': return NamedSets.Find("xdigit")!;
            case 'H': return NamedSets.Find("xdigit")!.Inverse();
            case 'p' or 'P': return Property(text, ref at, c == 'P', refuse);
            case 'n': return CodePointSet.Of('\n');
            case 'r': return CodePointSet.Of('\r');
            case 't': return CodePointSet.Of('\t');
            case 'f': return CodePointSet.Of('\f');
            case 'v': return CodePointSet.Of('\v');
            case 'a': return CodePointSet.Of('\a');
            case 'e': return CodePointSet.Of(0x1B);
            case 'x':
                return CodePointSet.Of(at < text.Length && text[at] == '{' ? Braced(text, ref at, refuse) : Hex(text, ref at, 1, 2, refuse));
            case 'u': return CodePointSet.Of(Hex(text, ref at, 4, 4, refuse));
            case '0': return CodePointSet.Of(0);
            case var _ when char.IsAsciiLetterOrDigit(c): throw refuse($"'\\{c}'");
            default:
                at--;
                var literal = Text.CodePoints.At(text, at, out var units);
                at += units;
                return CodePointSet.Of(literal);
        }
    }

    /// <summary>{L}, {^L}, {Lu}, {Han}...</summary>
    private static CodePointSet Property(string text, ref int at, bool negative, Func<string, NotSupportedException> refuse)
    {
        var end = at < text.Length && text[at] == '{' ? text.IndexOf('}', at) : -1;
        if (end < 0) throw refuse("a property without braces");
        var name = text[(at + 1)..end];
        if (name.StartsWith('^')) (name, negative) = (name[1..], !negative);
        at = end + 1;
        var set = NamedSets.Find(name) ?? throw refuse($"the property '{name}'");
        return negative ? set.Inverse() : set;
    }

    private static int Braced(string text, ref int at, Func<string, NotSupportedException> refuse)
    {
        at++;
        var value = Hex(text, ref at, 1, 8, refuse);
        if (at >= text.Length || text[at] != '}') throw refuse("a '\\x{' without its '}'");
        at++;
        return value is >= 0 and <= 0x10FFFF ? value : throw refuse("a code point beyond U+10FFFF");
    }

    private static int Hex(string text, ref int at, int min, int max, Func<string, NotSupportedException> refuse)
    {
        var start = at;
        while (at < text.Length && at - start < max && char.IsAsciiHexDigit(text[at])) at++;
        if (at - start < min) throw refuse("a character code without its digits");
        return int.Parse(text.AsSpan(start, at - start), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }
}
