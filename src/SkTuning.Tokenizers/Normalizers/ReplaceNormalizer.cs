using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.Normalizers;

/// <summary>Replaces every match of a pattern with a text, which has the origin of the last character of the match.</summary>
internal sealed class ReplaceNormalizer(Pattern pattern, string content) : NormalizerStep
{
    public override bool KeepsStart => content.Length > 0;

    public override void Apply(TextState state)
    {
        var source = state.Text;
        if (pattern.SingleChar is { } single && content.Length == 1)
        {
            // The common case (a lower one eighth block for a space): the offsets do not change.
            source.Chars.AsSpan(0, source.Length).Replace(single, content[0]);
            return;
        }
        var text = source.Span;
        if (!pattern.Find(text, 0, state.Budget, out var start, out var end)) return;
        var target = state.NextText();
        var done = 0;
        do
        {
            target.AddPart(source, done, start);
            if (end > 0) target.AddLike(content, source, end - 1);
            else foreach (var c in content) target.Add(c, 0, 0);
            done = end;
        }
        while (pattern.FindNext(text, state.Budget, ref start, ref end));
        target.AddPart(source, done, source.Length);
        state.TakeText();
    }

    public override void Describe(Fingerprint fingerprint) => fingerprint.Add("replace", pattern.Name, content);
}
