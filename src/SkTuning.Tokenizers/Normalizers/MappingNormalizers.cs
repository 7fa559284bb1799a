using System.Text;
using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.Normalizers;

/// <summary>Converts each character to lower case by itself, without a final sigma or language rules.</summary>
internal sealed class LowercaseNormalizer : NormalizerStep
{
    public override bool KeepsStart => true;

    public override void Apply(TextState state)
    {
        var source = state.Text;
        if (LowerInPlace(source.Chars.AsSpan(0, source.Length))) return;
        var target = state.NextText();
        var output = new TextTransform(source, target, state.PartAt);
        var text = source.Span;
        for (int at = 0, units; at < text.Length; at += units)
        {
            var c = CodePoints.At(text, at, out units);
            output.Add(LetterCase.Lower(c), 0);
            if (c == LetterCase.DottedI) output.Add(LetterCase.DotAbove, 1);
        }
        state.TakeText();
    }

    public override void Describe(Fingerprint fingerprint) => fingerprint.Add("lowercase");

    /// <summary>Converts the text in place if it is ASCII; otherwise returns false.</summary>
    private static bool LowerInPlace(Span<char> text)
    {
        if (!Ascii.IsValid(text)) return false;
        Ascii.ToLowerInPlace(text, out _);
        return true;
    }
}

/// <summary>Removes marks (M* of the reference library's Unicode version).</summary>
internal sealed class StripAccentsNormalizer : NormalizerStep
{
    public override bool KeepsStart => false;

    public override void Apply(TextState state) => TextFilter.Apply(state, static c => !UnicodeTables.IsMark(c));

    public override void Describe(Fingerprint fingerprint) => fingerprint.Add("strip-accents");
}

/// <summary>Removes white space at the ends.</summary>
internal sealed class StripNormalizer(bool left, bool right) : NormalizerStep
{
    public override bool KeepsStart => !left;

    public override void Apply(TextState state)
    {
        var text = state.Text.Span;
        var (start, end) = (0, text.Length);
        while (left && start < end && CharClasses.IsSpace(text[start])) start++;
        while (right && end > start && CharClasses.IsSpace(text[end - 1])) end--;
        if (start == 0 && end == text.Length) return;
        state.NextText().AddPart(state.Text, start, end);
        state.TakeText();
    }

    public override void Describe(Fingerprint fingerprint) => fingerprint.Add("strip", left, right);
}

/// <summary>The white space rules of the early T5 models: some control characters are removed; others, and unusual spaces, become spaces.</summary>
internal sealed class NmtNormalizer : NormalizerStep
{
    public override bool KeepsStart => false;

    public override void Apply(TextState state)
    {
        TextFilter.Apply(state, static c => c is not ((>= 1 and <= 8) or 0xB or (>= 0xE and <= 0x1F) or 0x7F or 0x8F or 0x9F));
        foreach (ref var c in state.Text.Chars.AsSpan(0, state.Text.Length))
            if (c is '\t' or '\n' or '\f' or '\r' or '\u1680' or (>= '\u200B' and <= '\u200F') or '\u2028' or '\u2029' or '\u2581' or '\uFEFF' or '\uFFFD')
                c = ' ';
    }

    public override void Describe(Fingerprint fingerprint) => fingerprint.Add("nmt");
}

/// <summary>Writes every UTF-8 byte as a printable character.</summary>
internal sealed class ByteLevelNormalizer : NormalizerStep
{
    public override bool KeepsStart => true;

    public override void Apply(TextState state)
    {
        var source = state.Text;
        var target = state.NextText();
        Span<byte> utf8 = stackalloc byte[4];
        for (int at = 0, units; at < source.Length; at += units)
        {
            Rune.DecodeFromUtf16(source.Span[at..], out var rune, out units);
            var count = rune.EncodeToUtf8(utf8);
            for (var b = 0; b < count; b++) target.AddLike(ByteAlphabet.CharOf(utf8[b]), source, at);
        }
        state.TakeText();
    }

    public override void Describe(Fingerprint fingerprint) => fingerprint.Add("byte-level");
}
