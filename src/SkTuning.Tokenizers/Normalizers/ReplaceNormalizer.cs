using SkTuning.Tokenizers.Sources;
using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.Normalizers;

/// <summary>Puts a text in the place of every match of a pattern. The new text comes from where the last character of the match came from.</summary>
internal sealed class ReplaceNormalizer(Pattern pattern, string content) : NormalizerStep
{
    public override bool KeepsStart => content.Length > 0;

    public override void Apply(EncodeState state)
    {
        var source = state.Text;
        if (pattern.SingleChar is { } single && content.Length == 1)
        {
            // The common case (a space for a lower one eighth block): nothing moves.
            source.Chars.AsSpan(0, source.Length).Replace(single, content[0]);
            return;
        }
        var text = source.Span;
        if (!pattern.Find(text, 0, out var start, out var end)) return;
        var target = state.NextText();
        var done = 0;
        do
        {
            target.AddPart(source, done, start);
            if (end > 0) target.AddLike(content, source, end - 1);
            else foreach (var c in content) target.Add(c, 0, 0);
            done = end;
        }
        while (pattern.FindNext(text, ref start, ref end));
        target.AddPart(source, done, source.Length);
        state.TakeText();
    }

    public override void Describe(Fingerprint fingerprint) => fingerprint.Add("replace", pattern.Name, content);
}
