using System.Buffers;
using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.Normalizers;

/// <summary>
/// BERT's normalizer. Depending on its settings it removes control characters and converts white space to spaces, puts spaces around Chinese characters,
/// removes accents, and converts to lower case.
/// </summary>
internal sealed class BertNormalizer(bool clean, bool chinese, bool stripAccents, bool lowercase) : NormalizerStep
{
    private static readonly SearchValues<char> Controls = SearchValues.Create(
        [.. Enumerable.Range(0, 0x80).Select(c => (char)c).Where(c => IsRemoved(c) || IsSpace(c) && c != ' ')]);
    private readonly UnicodeNormalizer _nfd = new(compose: false, compatible: false);
    private readonly LowercaseNormalizer _lower = new();

    public bool StripsAccents => stripAccents;

    public bool Lowercases => lowercase;

    public override bool KeepsStart => false;

    public override void Apply(TextState state)
    {
        var text = state.Text.Chars.AsSpan(0, state.Text.Length);
        if (System.Text.Ascii.IsValid(text) && (!clean || !text.ContainsAny(Controls)))
        {
            // Plain text: the offsets do not change.
            if (lowercase) System.Text.Ascii.ToLowerInPlace(text, out _);
            return;
        }
        if (clean) Clean(state);
        if (chinese) Surround(state);
        if (stripAccents)
        {
            _nfd.Apply(state);
            TextFilter.Apply(state, static c => !UnicodeTables.IsNonSpacingMark(c));
        }
        if (lowercase) _lower.Apply(state);
    }

    private static void Clean(TextState state)
    {
        TextFilter.Apply(state, static c => !IsRemoved(c));
        foreach (ref var c in state.Text.Chars.AsSpan(0, state.Text.Length))
            if (IsSpace(c)) c = ' ';
    }

    /// <summary>Control, format and private-use characters of Unicode 8, and U+FFFD.</summary>
    private static bool IsRemoved(int c)
    {
        if (c < 0x80) return c is < 0x20 or 0x7F && c is not ('\t' or '\n' or '\r');
        return c == 0xFFFD || GeneralCategories.Of(c) switch
        {
            System.Globalization.UnicodeCategory.Control or System.Globalization.UnicodeCategory.PrivateUse => true,
            System.Globalization.UnicodeCategory.Format => c is not (0x890 or 0x891 or 0x8E2 or 0x110CD or (>= 0x13430 and <= 0x1343F)),
            _ => false,
        };
    }

    private static bool IsSpace(char c) => CharClasses.IsSpace(c);

    private static void Surround(TextState state)
    {
        var text = state.Text.Span;
        if (System.Text.Ascii.IsValid(text)) return;
        var target = state.NextText();
        var output = new TextTransform(state.Text, target, state.PartAt);
        for (int at = 0, units; at < text.Length; at += units)
        {
            var c = CodePoints.At(text, at, out units);
            var around = IsChinese(c);
            if (around) output.Add(' ', 0);
            output.Add(c, around ? 1 : 0);
            if (around) output.Add(' ', 1);
        }
        state.TakeText();
    }

    private static bool IsChinese(int c) => c >= 0x3400 && c is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0xF900 and <= 0xFAFF)
        or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0x2F800 and <= 0x2FA1F);

    public override void Describe(Fingerprint fingerprint) => fingerprint.Add("bert", clean, chinese, stripAccents, lowercase);
}
