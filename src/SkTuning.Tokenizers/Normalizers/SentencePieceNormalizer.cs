using System.Text;
using SkTuning.Tokenizers.AddedTokens;
using SkTuning.Tokenizers.Sources;
using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.Normalizers;

/// <summary>
/// SentencePiece's own normalization: from left to right the longest entry of the compiled table, user-defined pieces as they are, spaces at the ends and repeated
/// spaces taken away if set, a word sign for every space, and one put in front (or behind).
/// </summary>
/// <param name="spec">The model's settings.</param>
/// <param name="prefixOnlyAtStart">Whether the sign is put before the very start of a text only, not behind every special token.</param>
/// <param name="keep">Texts that are not touched; null for none.</param>
internal sealed class SentencePieceNormalizer(SentencePieceSpec spec, bool prefixOnlyAtStart, TokenTrie? keep) : NormalizerStep
{
    private const char Sign = '\u2581';
    private readonly char _space = spec.EscapeSpaces ? Sign : ' ';

    public override bool KeepsStart => false;

    public override void Apply(EncodeState state)
    {
        var source = state.Text;
        var text = source.Span;
        if (text.Length == 0) return;
        var target = state.NextText();
        var prefix = spec.AddDummyPrefix && (!prefixOnlyAtStart || state.PartAt == 0);
        var at = 0;
        if (spec.RemoveExtraSpaces)
        {
            while (at < text.Length && IsSpace(text, at, out var units)) at += units;
            if (at == text.Length)
            {
                state.TakeText();
                return;
            }
        }
        if (prefix && !spec.SpaceAsSuffix) target.AddLike(_space, source, at);
        if (spec.Map is null && keep is null && !spec.RemoveExtraSpaces) Plain(source, at, target);
        else Mapped(source, at, target);
        if (spec.RemoveExtraSpaces)
            while (target.Length > 0 && target.Chars[target.Length - 1] == _space) target.Length--;
        if (prefix && spec.SpaceAsSuffix) target.AddLike(_space, source, source.Length - 1);
        state.TakeText();
    }

    /// <summary>Nothing but spaces changes.</summary>
    private void Plain(TextBuffer source, int at, TextBuffer target)
    {
        var first = target.Length;
        target.AddPart(source, at, source.Length);
        target.Chars.AsSpan(first, target.Length - first).Replace(' ', _space);
    }

    private void Mapped(TextBuffer source, int at, TextBuffer target)
    {
        var text = source.Span;
        var afterSpace = spec.RemoveExtraSpaces;
        for (int length; at < text.Length; at += length)
        {
            string? with = null;
            if (keep is null || !keep.FindAt(text, at, out length, out _)) with = Mapping(text, at, out length);
            var part = with is null ? text.Slice(at, length) : with.AsSpan();
            while (afterSpace && part.Length > 0 && part[0] == ' ') part = part[1..];
            if (part.Length > 0) afterSpace = spec.RemoveExtraSpaces && part[^1] == ' ';
            foreach (var c in part) Add(c == ' ' ? _space : c, source, at, length, target);
        }
    }

    private static void Add(char c, TextBuffer source, int at, int length, TextBuffer target)
    {
        if (target.Offsets) target.Add(c, source.From[at], source.To[at + length - 1]);
        else target.Add(c, 0, 0);
    }

    /// <summary>What the table makes of what stands here, or null for the character itself.</summary>
    private string? Mapping(ReadOnlySpan<char> text, int at, out int length)
    {
        CodePoints.At(text, at, out length);
        if (spec.Map is null) return null;
        // Entries are short; a few characters are enough.
        Span<byte> utf8 = stackalloc byte[96];
        var count = 0;
        for (int i = at, units; i < text.Length && count < utf8.Length - 4; i += units)
        {
            CodePoints.At(text, i, out units);
            Encoding.UTF8.TryGetBytes(text.Slice(i, units), utf8[count..], out var written);
            count += written;
            if (count == 1 && !spec.Map.CanFollow(utf8[0])) return null;
        }
        if (spec.Map.Longest(utf8[..count], out var bytes) is not { } with) return null;
        length = Encoding.UTF8.GetCharCount(utf8[..bytes]);
        return with;
    }

    private bool IsSpace(ReadOnlySpan<char> text, int at, out int units) => Mapping(text, at, out units) is { } with ? with == " " : units == 1 && text[at] == ' ';

    public override void Describe(Fingerprint fingerprint)
    {
        fingerprint.Add("sentencepiece", spec.AddDummyPrefix, spec.RemoveExtraSpaces, spec.EscapeSpaces, spec.SpaceAsSuffix, prefixOnlyAtStart);
        if (spec.Map is not null) fingerprint.Bytes(spec.Map.Bytes);
    }
}
