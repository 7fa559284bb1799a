using System.Globalization;

namespace SkTuning.Tokenizers.Regex;

/// <summary>
/// Parses an expression in the syntax of Oniguruma (Ruby), which the Hugging Face tokenizers library uses. Syntax that is not implemented (back references,
/// named groups, conditionals, ...) is rejected with a <see cref="NotSupportedException"/>, never approximated.
/// </summary>
internal sealed class RegexParser
{
    private const int MaxNesting = 50;
    private const int MaxRepeats = 1000;
    private const int MaxStackedRepeats = 8;

    private readonly string _text;
    private int _at;
    private int _depth;
    private bool _ignoreCase;
    private bool _dotMatchesLine;
    private bool _extended;

    private RegexParser(string text) => _text = text;

    public static RegexNode Parse(string expression)
    {
        var parser = new RegexParser(expression);
        var node = parser.Choice();
        return parser._at == expression.Length ? node : throw parser.Refuse("a ')' without its '('");
    }

    private RegexNode Choice()
    {
        if (++_depth > MaxNesting) throw Refuse("groups nested too deeply");
        var parts = new List<RegexNode> { Sequence() };
        while (Take('|')) parts.Add(Sequence());
        _depth--;
        return parts.Count == 1 ? parts[0] : new ChoiceNode(parts);
    }

    private SequenceNode Sequence()
    {
        var parts = new List<RegexNode>();
        while (_at < _text.Length && _text[_at] is not ('|' or ')'))
        {
            if (_extended && SkipExtended()) continue;
            if (_text[_at] == '(' && TryOptions(out var rest))
            {
                // (?i) applies to the rest of the group, alternatives included.
                if (rest is not null) parts.Add(rest);
                continue;
            }
            parts.Add(Repeats(Atom()));
        }
        return new(parts);
    }

    private bool SkipExtended()
    {
        if (char.IsWhiteSpace(_text[_at]))
        {
            _at++;
            return true;
        }
        if (_text[_at] != '#') return false;
        while (_at < _text.Length && _text[_at] != '\n') _at++;
        return true;
    }

    private RegexNode Repeats(RegexNode body)
    {
        for (var stacked = 0; _at < _text.Length; stacked++)
        {
            var (start, min, max) = (_at, 0, -1);
            switch (_text[_at])
            {
                case '*': _at++; break;
                case '+': _at++; min = 1; break;
                case '?': _at++; max = 1; break;
                case '{' when Counts(out min, out max):
                    if (min > MaxRepeats || max > MaxRepeats) throw Refuse($"a repetition of more than {MaxRepeats}");
                    if (max >= 0 && min > max) throw Refuse("a repetition whose limits are swapped");
                    break;
                default: return body;
            }
            if (stacked == MaxStackedRepeats) throw Refuse($"more than {MaxStackedRepeats} repetitions of a repetition");
            if (body is AnchorNode or LookNode) throw Refuse("a repeated assertion");
            var counted = _text[start] == '{';
            var kind = Take('?') ? Repetition.Lazy : !counted && Take('+') ? Repetition.Possessive : Repetition.Greedy;
            if (counted && kind == Repetition.Lazy && min == max) throw Refuse("'{n}?'");
            if (IsNullable(body)) throw Refuse("a repeated group that can be empty");
            body = new RepeatNode(body, min, max, kind);
        }
        return body;
    }

    /// <summary>Parses {3}, {1,3}, {1,} or {,3}. Anything else in braces is plain text.</summary>
    private bool Counts(out int min, out int max)
    {
        (min, max) = (0, -1);
        var end = _text.IndexOf('}', _at);
        if (end < 0) return false;
        var inside = _text[(_at + 1)..end];
        var comma = inside.IndexOf(',');
        var (low, high) = comma < 0 ? (inside, inside) : (inside[..comma], inside[(comma + 1)..]);
        if (low.Length + high.Length == 0 || !low.All(char.IsAsciiDigit) || !high.All(char.IsAsciiDigit) || low.Length > 6 || high.Length > 6) return false;
        min = low.Length == 0 ? 0 : int.Parse(low, CultureInfo.InvariantCulture);
        max = high.Length == 0 ? -1 : int.Parse(high, CultureInfo.InvariantCulture);
        _at = end + 1;
        return true;
    }

    private RegexNode Atom()
    {
        var c = _text[_at];
        switch (c)
        {
            case '(': return Group();
            case '[': return new SetNode(Cased(new RegexClassParser(_text, Refuse).Parse(ref _at)));
            case '.':
                _at++;
                return new SetNode(_dotMatchesLine ? NamedSets.Find("any")! : CodePointSet.Of('\n').Inverse());
            case '^': return At(Anchor.LineStart);
            case '$': return At(Anchor.LineEnd);
            case '*' or '+' or '?': throw Refuse($"'{c}' with nothing to repeat");
            case '\\':
                if (_at + 1 < _text.Length)
                    switch (_text[_at + 1])
                    {
                        case 'A': return At(Anchor.TextStart, 2);
                        case 'z': return At(Anchor.TextEnd, 2);
                        case 'Z': return At(Anchor.TextEndOrLine, 2);
                        case 'b': return At(Anchor.WordBoundary, 2);
                        case 'B': return At(Anchor.NotWordBoundary, 2);
                        case >= '1' and <= '9' or 'k' or 'g' or 'G' or 'K' or 'R' or 'X' or 'y' or 'Y' or 'N' or 'O':
                            throw Refuse($"'\\{_text[_at + 1]}'");
                    }
                return new SetNode(Cased(RegexEscapes.Parse(_text, ref _at, Refuse)));
            default:
                var literal = Text.CodePoints.At(_text, _at, out var units);
                _at += units;
                return new SetNode(Cased(CodePointSet.Of(literal)));
        }
    }

    private AnchorNode At(Anchor anchor, int length = 1)
    {
        _at += length;
        return new(anchor);
    }

    private CodePointSet Cased(CodePointSet set)
    {
        if (!_ignoreCase) return set;
        // In Oniguruma a sharp s would match 'ss'; a set cannot.
        foreach (var c in CaseFolding.FoldingToSeveral)
            if (set.Contains(c)) throw Refuse($"U+{c:X4} with case ignored");
        return set.WithoutCase();
    }

    private RegexNode Group()
    {
        _at++;
        var (ignoreCase, dot, extended) = (_ignoreCase, _dotMatchesLine, _extended);
        Func<RegexNode, RegexNode> wrap = n => n;
        if (Take('?'))
        {
            if (Take(':')) { }
            else if (Take('=')) wrap = n => new LookNode(n, Behind: false, Negative: false);
            else if (Take('!')) wrap = n => new LookNode(n, Behind: false, Negative: true);
            else if (Take('>')) wrap = n => new AtomicNode(n);
            else if (Take("<=")) wrap = n => Behind(n, negative: false);
            else if (Take("<!")) wrap = n => Behind(n, negative: true);
            else if (_at < _text.Length && _text[_at] is 'i' or 'm' or 'x' or '-') Options(':');
            else throw Refuse($"'(?{(_at < _text.Length ? _text[_at] : ' ')}'");
        }
        var body = Choice();
        if (!Take(')')) throw Refuse("a '(' without its ')'");
        (_ignoreCase, _dotMatchesLine, _extended) = (ignoreCase, dot, extended);
        return wrap(body);
    }

    /// <summary>A lookbehind is implemented for a single character.</summary>
    private LookNode Behind(RegexNode body, bool negative)
        => Single(body) is { } set ? new LookNode(new SetNode(set), Behind: true, negative) : throw Refuse("a lookbehind for more than one character");

    private static CodePointSet? Single(RegexNode node)
    {
        switch (node)
        {
            case SetNode s: return s.Set;
            case SequenceNode { Parts: [var one] }: return Single(one);
            case ChoiceNode c:
                var all = new CodePointSet();
                foreach (var part in c.Parts)
                {
                    if (Single(part) is not { } set) return null;
                    all.Add(set);
                }
                return all;
            default: return null;
        }
    }

    /// <summary>Parses options such as (?i), without a body.</summary>
    private bool TryOptions(out RegexNode? rest)
    {
        rest = null;
        var end = _at + 2;
        if (end >= _text.Length || _text[_at + 1] != '?') return false;
        while (end < _text.Length && _text[end] is 'i' or 'm' or 'x' or '-') end++;
        if (end == _at + 2 || end >= _text.Length || _text[end] != ')') return false;
        var (ignoreCase, dot, extended) = (_ignoreCase, _dotMatchesLine, _extended);
        _at += 2;
        Options(')');
        rest = Choice();
        (_ignoreCase, _dotMatchesLine, _extended) = (ignoreCase, dot, extended);
        return true;
    }

    private void Options(char end)
    {
        for (var on = true; _at < _text.Length; _at++)
        {
            switch (_text[_at])
            {
                case '-': on = false; break;
                case 'i': _ignoreCase = on; break;
                case 'm': _dotMatchesLine = on; break;
                case 'x': _extended = on; break;
                case var c when c == end:
                    _at++;
                    return;
                default: throw Refuse($"the option '{_text[_at]}'");
            }
        }
        throw Refuse("options without their ')' or ':'");
    }

    internal static bool IsNullable(RegexNode node) => node switch
    {
        SetNode => false,
        SequenceNode s => s.Parts.All(IsNullable),
        ChoiceNode c => c.Parts.Any(IsNullable),
        RepeatNode r => r.Min == 0 || IsNullable(r.Body),
        AtomicNode a => IsNullable(a.Body),
        _ => true,
    };

    private bool Take(char c)
    {
        if (_at >= _text.Length || _text[_at] != c) return false;
        _at++;
        return true;
    }

    private bool Take(string text)
    {
        if (string.CompareOrdinal(_text, _at, text, 0, text.Length) != 0) return false;
        _at += text.Length;
        return true;
    }

    private NotSupportedException Refuse(string what) => new($"{what} at position {Math.Min(_at, _text.Length)}");
}
