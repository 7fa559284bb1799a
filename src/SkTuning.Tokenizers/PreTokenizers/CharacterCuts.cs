using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.PreTokenizers;

/// <summary>Splits at white space, which is removed.</summary>
internal sealed class WhitespaceSplitPreTokenizer : CuttingStep
{
    protected override void Cut(ReadOnlySpan<char> piece, int at, PieceList pieces, WorkBudget budget)
    {
        var start = 0;
        for (var i = 0; i < piece.Length; i++)
        {
            if ((CharClasses.Of(piece[i]) & CharClass.Space) == 0) continue;
            pieces.Add(at + start, at + i);
            if (pieces.IsFull) return;
            start = i + 1;
        }
        pieces.Add(at + start, at + piece.Length);
    }

    public override void Describe(Fingerprint fingerprint) => fingerprint.Add("whitespace-split");
}

/// <summary>BERT's pre-tokenizer: splits at white space, which is removed, and makes each punctuation mark a piece.</summary>
internal sealed class BertPreTokenizer : CuttingStep
{
    private const byte Space = 1, Mark = 2;
    private static readonly byte[] Kinds = Build();

    protected override void Cut(ReadOnlySpan<char> piece, int at, PieceList pieces, WorkBudget budget)
    {
        var start = 0;
        for (var i = 0; i < piece.Length; i++)
        {
            var kind = Kinds[piece[i]];
            if (kind == 0)
            {
                if (!char.IsHighSurrogate(piece[i]) || i + 1 >= piece.Length) continue;
                i++;
                if (!UnicodeTables.IsPunctuation(char.ConvertToUtf32(piece[i - 1], piece[i]))) continue;
                pieces.Add(at + start, at + i - 1);
                pieces.Add(at + i - 1, at + i + 1);
                start = i + 1;
                continue;
            }
            pieces.Add(at + start, at + i);
            if (kind == Mark) pieces.Add(at + i, at + i + 1);
            if (pieces.IsFull) return;
            start = i + 1;
        }
        pieces.Add(at + start, at + piece.Length);
    }

    private static byte[] Build()
    {
        var kinds = new byte[0x10000];
        for (var c = 0; c < kinds.Length; c++) kinds[c] = CharClasses.IsSpace(c) ? Space : UnicodeTables.IsPunctuation(c) ? Mark : (byte)0;
        return kinds;
    }

    public override void Describe(Fingerprint fingerprint) => fingerprint.Add("bert");
}

/// <summary>Splits into words (<c>\w+</c>) and runs of other characters that are not white space.</summary>
internal sealed class WhitespacePreTokenizer : CuttingStep
{
    private static readonly byte[] Kinds = Build();

    protected override void Cut(ReadOnlySpan<char> piece, int at, PieceList pieces, WorkBudget budget)
    {
        var (start, last) = (0, 0);
        for (var i = 0; i < piece.Length;)
        {
            var c = CodePoints.At(piece, i, out var units);
            var kind = c < 0x10000 ? Kinds[c] : WordCharacters.Contains(c) ? 1 : 2;
            if (kind != last)
            {
                if (last != 0) pieces.Add(at + start, at + i);
                if (pieces.IsFull) return;
                (start, last) = (i, kind);
            }
            i += units;
        }
        if (last != 0) pieces.Add(at + start, at + piece.Length);
    }

    private static byte[] Build()
    {
        var kinds = new byte[0x10000];
        for (var c = 0; c < kinds.Length; c++) kinds[c] = (byte)(WordCharacters.Contains(c) ? 1 : CharClasses.IsSpace(c) ? 0 : 2);
        return kinds;
    }

    public override void Describe(Fingerprint fingerprint) => fingerprint.Add("whitespace");
}

/// <summary>Splits by punctuation marks.</summary>
internal sealed class PunctuationPreTokenizer(SplitBehavior behavior) : CuttingStep
{
    public SplitBehavior Behavior => behavior;

    protected override void Cut(ReadOnlySpan<char> piece, int at, PieceList pieces, WorkBudget budget)
        => CharacterCutter.Cut(piece, at, pieces, behavior, UnicodeTables.IsPunctuation);

    public override void Describe(Fingerprint fingerprint) => fingerprint.Add("punctuation", behavior);
}

/// <summary>Splits at a character, which is removed.</summary>
internal sealed class DelimiterPreTokenizer(int delimiter) : CuttingStep
{
    protected override void Cut(ReadOnlySpan<char> piece, int at, PieceList pieces, WorkBudget budget)
        => CharacterCutter.Cut(piece, at, pieces, SplitBehavior.Removed, c => c == delimiter);

    public override void Describe(Fingerprint fingerprint) => fingerprint.Add("delimiter", delimiter);
}

/// <summary>Splits into pieces of a fixed number of characters.</summary>
internal sealed class FixedLengthPreTokenizer(int length) : CuttingStep
{
    protected override void Cut(ReadOnlySpan<char> piece, int at, PieceList pieces, WorkBudget budget)
    {
        var (start, count) = (0, 0);
        for (int i = 0, units; i < piece.Length; i += units)
        {
            CodePoints.At(piece, i, out units);
            if (count++ < length) continue;
            pieces.Add(at + start, at + i);
            if (pieces.IsFull) return;
            (start, count) = (i, 1);
        }
        pieces.Add(at + start, at + piece.Length);
    }

    public override void Describe(Fingerprint fingerprint) => fingerprint.Add("fixed-length", length);
}

/// <summary>
/// Splits where the script changes. Han, Hiragana and Katakana count as one script, and a space belongs to any script. Leading spaces are removed, as in the
/// reference library.
/// </summary>
internal sealed class UnicodeScriptsPreTokenizer : CuttingStep
{
    protected override void Cut(ReadOnlySpan<char> piece, int at, PieceList pieces, WorkBudget budget)
    {
        var (start, last) = (-1, -1);
        for (int i = 0, units; i < piece.Length; i += units)
        {
            var c = CodePoints.At(piece, i, out units);
            var script = c == ' ' ? -1 : UnicodeTables.Script(c);
            if (script < 0 || script == last) continue;
            if (start >= 0) pieces.Add(at + start, at + i);
            if (pieces.IsFull) return;
            (start, last) = (i, script);
        }
        if (start >= 0) pieces.Add(at + start, at + piece.Length);
    }

    public override void Describe(Fingerprint fingerprint) => fingerprint.Add("unicode-scripts");
}

/// <summary>Splits by the characters that satisfy a condition.</summary>
internal static class CharacterCutter
{
    public static void Cut(ReadOnlySpan<char> piece, int at, PieceList pieces, SplitBehavior behavior, Func<int, bool> matches)
    {
        var cutter = new PatternCutter(behavior, at, pieces);
        var done = 0;
        for (int i = 0, units; i < piece.Length; i += units)
        {
            if (!matches(CodePoints.At(piece, i, out units))) continue;
            if (i > done) cutter.Add(done, i, false);
            cutter.Add(i, i + units, true);
            if (pieces.IsFull) return;
            done = i + units;
        }
        if (done < piece.Length) cutter.Add(done, piece.Length, false);
        cutter.Finish();
    }
}
