using System.Collections.Concurrent;
using System.Globalization;
using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.Regex;

/// <summary>The named sets of expressions: <c>\s \d \w \h</c>, <c>\p{...}</c> and <c>[:...:]</c>, as Oniguruma defines them for Unicode text.</summary>
internal static class NamedSets
{
    /// <summary>The meaning of <c>\w</c> within brackets.</summary>
    public const string WordInBrackets = "wordinbrackets";

    private static readonly ConcurrentDictionary<string, CodePointSet?> Known = new(StringComparer.Ordinal);

    private static readonly string[] Categories =
    [
        "lu", "ll", "lt", "lm", "lo", "mn", "mc", "me", "nd", "nl", "no", "zs", "zl", "zp", "cc", "cf", "cs", "co", "pc", "pd", "ps", "pe", "pi", "pf", "po",
        "sm", "sc", "sk", "so", "cn",
    ];

    private static readonly Dictionary<string, string> LongNames = new(StringComparer.Ordinal)
    {
        ["letter"] = "l", ["mark"] = "m", ["number"] = "n", ["punctuation"] = "p", ["symbol"] = "s", ["separator"] = "z", ["other"] = "c",
        ["uppercaseletter"] = "lu", ["lowercaseletter"] = "ll", ["titlecaseletter"] = "lt", ["modifierletter"] = "lm", ["otherletter"] = "lo",
        ["nonspacingmark"] = "mn", ["spacingmark"] = "mc", ["enclosingmark"] = "me", ["decimalnumber"] = "nd", ["letternumber"] = "nl", ["othernumber"] = "no",
        ["spaceseparator"] = "zs", ["lineseparator"] = "zl", ["paragraphseparator"] = "zp", ["control"] = "cc", ["format"] = "cf", ["privateuse"] = "co",
        ["unassigned"] = "cn", ["whitespace"] = "space",
    };

    /// <summary>Returns the set with a name, ignoring case, spaces, hyphens and underscores; null if it is not implemented.</summary>
    public static CodePointSet? Find(string name)
    {
        var key = string.Concat(name.Where(c => c is not (' ' or '-' or '_'))).ToLowerInvariant();
        return Known.GetOrAdd(LongNames.GetValueOrDefault(key, key), Build);
    }

    private static CodePointSet? Build(string name)
    {
        if (name.Length == 2 && Array.IndexOf(Categories, name) is >= 0 and var category)
            return CodePointSet.Where(c => (int)GeneralCategories.Of(c) == category);
        if (name.Length == 1 && Categories.Any(c => c[0] == name[0]))
            return CodePointSet.Where(c => Categories[(int)GeneralCategories.Of(c)][0] == name[0]);
        return name switch
        {
            "any" => CodePointSet.Where(_ => true),
            "space" => CodePointSet.Where(CharClasses.IsSpace),
            "digit" => CodePointSet.Where(c => GeneralCategories.Of(c) == UnicodeCategory.DecimalDigitNumber),
            // Oniguruma excludes join controls and, outside of brackets, includes the superscripts and fractions of Latin-1.
            "word" => CodePointSet.Where(
                c => c is 0xB2 or 0xB3 or 0xB9 or 0xBC or 0xBD or 0xBE || (WordCharacters.Contains(c) && c is not (0x200C or 0x200D))),
            WordInBrackets => CodePointSet.Where(c => WordCharacters.Contains(c) && c is not (0x200C or 0x200D)),
            "xdigit" => CodePointSet.Where(c => c < 0x80 && char.IsAsciiHexDigit((char)c)),
            _ => ScriptRanges.Find(name),
        };
    }
}
