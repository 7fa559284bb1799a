using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.PreTokenizers;

/// <summary>Separates numbers (general category N*) from other text, one by one or in runs.</summary>
internal sealed class DigitsPreTokenizer(bool individual) : CuttingStep
{
    public bool Individual => individual;

    protected override void Cut(ReadOnlySpan<char> piece, int at, PieceList pieces, WorkBudget budget)
    {
        var (start, lastNumber) = (0, false);
        for (var i = 0; i < piece.Length;)
        {
            var c = CodePoints.At(piece, i, out var units);
            var number = c < 0x10000 ? (CharClasses.Of((char)c) & CharClass.Number) != 0 : CharClasses.IsNumber(c);
            if (i > 0 && (number != lastNumber || (number && individual)))
            {
                pieces.Add(at + start, at + i);
                if (pieces.IsFull) return;
                start = i;
            }
            lastNumber = number;
            i += units;
        }
        pieces.Add(at + start, at + piece.Length);
    }

    public override void Describe(Fingerprint fingerprint) => fingerprint.Add("digits", individual);
}
