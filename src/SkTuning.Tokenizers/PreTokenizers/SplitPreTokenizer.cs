using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.PreTokenizers;

/// <summary>Splits by a pattern. If inverted, the text between the matches counts as the match.</summary>
internal sealed class SplitPreTokenizer(Pattern pattern, SplitBehavior behavior, bool invert) : CuttingStep
{
    public Pattern Pattern => pattern;

    public SplitBehavior Behavior => behavior;

    public bool Inverted => invert;

    protected override void Cut(ReadOnlySpan<char> piece, int at, PieceList pieces, WorkBudget budget)
    {
        var cutter = new PatternCutter(behavior, at, pieces);
        var done = 0;
        if (pattern.Find(piece, 0, budget, out var start, out var end))
        {
            do
            {
                if (start > done) cutter.Add(done, start, invert);
                cutter.Add(start, end, !invert);
                if (pieces.IsFull) return;
                done = end;
            }
            while (pattern.FindNext(piece, budget, ref start, ref end));
        }
        if (done < piece.Length) cutter.Add(done, piece.Length, invert);
        cutter.Finish();
    }

    public override void Describe(Fingerprint fingerprint) => fingerprint.Add("split", pattern.Name, behavior, invert);
}
