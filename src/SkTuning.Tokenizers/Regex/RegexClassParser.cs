using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.Regex;

/// <summary>Parses a bracketed character class: characters, ranges, escapes, nested classes and intersections (<c>&amp;&amp;</c>).</summary>
internal sealed class RegexClassParser(string text, Func<string, NotSupportedException> refuse)
{
    private const int MaxNesting = 20;
    private int _depth;

    /// <summary>Parses the class that starts at <paramref name="at"/> and advances <paramref name="at"/> past its end.</summary>
    public CodePointSet Parse(ref int at)
    {
        if (++_depth > MaxNesting) throw refuse("brackets nested too deeply");
        at++;
        var negative = at < text.Length && text[at] == '^';
        if (negative) at++;
        var set = new CodePointSet();
        CodePointSet? whole = null;
        for (var first = true; ; first = false)
        {
            if (at >= text.Length) throw refuse("a '[' without its ']'");
            if (text[at] == ']' && !first) break;
            if (text[at] == '[')
            {
                set.Add(at + 1 < text.Length && text[at + 1] == ':' ? Posix(ref at) : Parse(ref at));
                continue;
            }
            if (text[at] == '&' && at + 1 < text.Length && text[at + 1] == '&')
            {
                at += 2;
                whole = whole is null ? set : whole.And(set);
                set = new();
                continue;
            }
            Item(ref at, set);
        }
        at++;
        _depth--;
        if (whole is not null) set = whole.And(set);
        return negative ? set.Inverse() : set;
    }

    /// <summary>Parses a character, an escape, or a range.</summary>
    private void Item(ref int at, CodePointSet set)
    {
        var low = Single(ref at, out var escape);
        var isRange = at + 1 < text.Length && text[at] == '-' && text[at + 1] != ']';
        if (low < 0)
        {
            // After a set such as \s, a hyphen stands for itself.
            set.Add(escape!);
            if (!isRange) return;
            at++;
            set.Add('-', '-');
            return;
        }
        if (!isRange)
        {
            set.Add(low, low);
            return;
        }
        at++;
        if (text[at] == '[') throw refuse("a range that ends with a class");
        var high = Single(ref at, out _);
        if (high < low) throw refuse("a range whose ends are swapped or are not characters");
        set.Add(low, high);
    }

    /// <summary>Parses a single character; returns -1 and a set for an escape that stands for a set.</summary>
    private int Single(ref int at, out CodePointSet? set)
    {
        set = null;
        if (text[at] != '\\')
        {
            var c = CodePoints.At(text, at, out var units);
            at += units;
            return c;
        }
        var named = at + 1 < text.Length && text[at + 1] is 's' or 'S' or 'd' or 'D' or 'w' or 'W' or 'h' or 'H' or 'p' or 'P';
        if (at + 1 < text.Length && text[at + 1] == 'b')
        {
            at += 2;
            return '\b';
        }
        if (at + 1 < text.Length && text[at + 1] is 'w' or 'W')
        {
            var words = NamedSets.Find(NamedSets.WordInBrackets)!;
            set = text[at + 1] == 'w' ? words : words.Inverse();
            at += 2;
            return -1;
        }
        set = RegexEscapes.Parse(text, ref at, refuse);
        return named ? -1 : First(set);
    }

    private static int First(CodePointSet set)
    {
        var c = 0;
        while (!set.Contains(c)) c++;
        return c;
    }

    private CodePointSet Posix(ref int at)
    {
        var end = text.IndexOf(":]", at, StringComparison.Ordinal);
        if (end < 0) throw refuse("a '[:' without its ':]'");
        var name = text[(at + 2)..end];
        var negative = name.StartsWith('^');
        if (negative) name = name[1..];
        at = end + 2;
        var set = name switch
        {
            "word" => NamedSets.Find(NamedSets.WordInBrackets),
            "space" or "digit" or "xdigit" => NamedSets.Find(name),
            _ => null,
        };
        if (set is null) throw refuse($"the class '[:{name}:]'");
        return negative ? set.Inverse() : set;
    }
}
