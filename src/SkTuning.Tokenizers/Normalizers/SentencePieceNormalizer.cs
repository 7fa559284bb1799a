using System.Text;
using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.Normalizers;

/// <summary>
/// SentencePiece's own normalization. From left to right, the longest matching entry of the compiled table is replaced; user-defined pieces are kept
/// unchanged. Depending on the settings, spaces at the ends and repeated spaces are removed, every space becomes a word sign, and a word sign is added at the
/// start (or at the end).
/// </summary>
/// <param name="rules">The model's settings.</param>
/// <param name="prefixOnlyAtStart">Whether the word sign is added only at the start of the whole text, not after every special token.</param>
/// <param name="keep">The texts to keep unchanged; null for none.</param>
internal sealed class SentencePieceNormalizer(SentencePieceRules rules, bool prefixOnlyAtStart, TokenTrie? keep) : NormalizerStep
{
    private const char Sign = '\u2581';
    private readonly char _space = rules.EscapeSpaces ? Sign : ' ';

    public override bool KeepsStart => false;

    public override void Apply(TextState state)
    {
        var source = state.Text;
        var text = source.Span;
        if (text.Length == 0) return;
        var target = state.NextText();
        var prefix = rules.AddDummyPrefix && (!prefixOnlyAtStart || state.PartAt == 0);
        var at = 0;
        if (rules.RemoveExtraSpaces)
        {
            while (at < text.Length && IsSpace(text, at, out var units)) at += units;
            if (at == text.Length)
            {
                state.TakeText();
                return;
            }
        }
        if (prefix && !rules.SpaceAsSuffix) target.AddLike(_space, source, at);
        if (rules.Map is null && keep is null && !rules.RemoveExtraSpaces) Plain(source, at, target);
        else Mapped(source, at, target, state.Budget);
        if (rules.RemoveExtraSpaces)
            while (target.Length > 0 && target.Chars[target.Length - 1] == _space) target.Length--;
        if (prefix && rules.SpaceAsSuffix) target.AddLike(_space, source, source.Length - 1);
        state.TakeText();
    }

    /// <summary>Changes only spaces.</summary>
    private void Plain(TextBuffer source, int at, TextBuffer target)
    {
        var first = target.Length;
        target.AddPart(source, at, source.Length);
        target.Chars.AsSpan(first, target.Length - first).Replace(' ', _space);
    }

    private void Mapped(TextBuffer source, int at, TextBuffer target, WorkBudget budget)
    {
        var text = source.Span;
        var afterSpace = rules.RemoveExtraSpaces;
        for (int length; at < text.Length; at += length)
        {
            string? with = null;
            if (keep is null || !keep.FindAt(text, at, budget, out length, out _)) with = Mapping(text, at, out length);
            var part = with is null ? text.Slice(at, length) : with.AsSpan();
            while (afterSpace && part.Length > 0 && part[0] == ' ') part = part[1..];
            if (part.Length > 0) afterSpace = rules.RemoveExtraSpaces && part[^1] == ' ';
            foreach (var c in part) Add(c == ' ' ? _space : c, source, at, length, target);
        }
    }

    private static void Add(char c, TextBuffer source, int at, int length, TextBuffer target)
    {
        if (target.Offsets) target.Add(c, source.From[at], source.To[at + length - 1]);
        else target.Add(c, 0, 0);
    }

    /// <summary>Returns the table's replacement for the text at a position and the length replaced, or null to keep the character.</summary>
    private string? Mapping(ReadOnlySpan<char> text, int at, out int length)
    {
        CodePoints.At(text, at, out length);
        if (rules.Map is null) return null;
        // Entries are short, so a few characters are enough.
        Span<byte> utf8 = stackalloc byte[96];
        var count = 0;
        for (int i = at, units; i < text.Length && count < utf8.Length - 4; i += units)
        {
            CodePoints.At(text, i, out units);
            Encoding.UTF8.TryGetBytes(text.Slice(i, units), utf8[count..], out var written);
            count += written;
            if (count == 1 && !rules.Map.CanStartWith(utf8[0])) return null;
        }
        if (rules.Map.Longest(utf8[..count], out var bytes) is not { } with) return null;
        length = Encoding.UTF8.GetCharCount(utf8[..bytes]);
        return with;
    }

    private bool IsSpace(ReadOnlySpan<char> text, int at, out int units)
        => Mapping(text, at, out units) is { } with ? with == " " : units == 1 && text[at] == ' ';

    public override void Describe(Fingerprint fingerprint)
    {
        fingerprint.Add("sentencepiece", rules.AddDummyPrefix, rules.RemoveExtraSpaces, rules.EscapeSpaces, rules.SpaceAsSuffix, prefixOnlyAtStart);
        if (rules.Map is not null) fingerprint.Bytes(rules.Map.Bytes);
    }
}
