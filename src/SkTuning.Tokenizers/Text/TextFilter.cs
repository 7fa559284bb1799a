namespace SkTuning.Tokenizers.Text;

/// <summary>Removes characters. Those that remain keep their origins.</summary>
internal static class TextFilter
{
    public static void Apply(TextState state, Func<int, bool> keep)
    {
        var source = state.Text;
        var text = source.Span;
        var first = 0;
        for (int units; first < text.Length && keep(CodePoints.At(text, first, out units)); first += units) { }
        if (first >= text.Length) return;
        var target = state.NextText();
        var done = 0;
        for (int at = first, units; at < text.Length; at += units)
        {
            if (keep(CodePoints.At(text, at, out units))) continue;
            target.AddPart(source, done, at);
            done = at + units;
        }
        target.AddPart(source, done, text.Length);
        state.TakeText();
    }
}
