using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.PreTokenizers;

/// <summary>
/// GPT-2's pre-tokenizer. It optionally adds a space before the piece, splits by GPT-2's expression, and writes every UTF-8 byte as a printable character.
/// If the model works on bytes itself, the last step is left to the model, which gives the same tokens with less work.
/// </summary>
/// <param name="addPrefixSpace">Whether to add a space before a piece that does not start with one.</param>
/// <param name="useRegex">Whether to split by GPT-2's expression.</param>
/// <param name="writeBytes">Whether to write bytes as characters; false to leave this to the model.</param>
internal sealed class ByteLevelPreTokenizer(bool addPrefixSpace, bool useRegex, bool writeBytes) : PreTokenizerStep
{
    public bool AddsPrefixSpace => addPrefixSpace;

    public bool UsesRegex => useRegex;

    /// <summary>Returns the same step without the writing of bytes, which is left to the model.</summary>
    public ByteLevelPreTokenizer WithoutBytes() => new(addPrefixSpace, useRegex, false);

    public override void Apply(TextState state)
    {
        if (addPrefixSpace) AddSpaces(state);
        if (useRegex) Cut(state);
        if (writeBytes) WriteBytes(state);
    }

    private static void AddSpaces(TextState state)
    {
        var source = state.Text;
        var needed = false;
        foreach (var piece in state.Pieces.Span) needed |= piece.Token < 0 && source.Chars[piece.Start] != ' ';
        if (!needed) return;
        var (target, pieces) = (state.NextText(), state.NextPieces());
        foreach (var piece in state.Pieces.Span)
        {
            var start = target.Length;
            if (piece.Token < 0 && source.Chars[piece.Start] != ' ') target.AddLike(' ', source, piece.Start);
            target.AddPart(source, piece.Start, piece.End);
            pieces.Add(start, target.Length, piece.Token);
        }
        state.TakeText();
        state.TakePieces();
    }

    private static void Cut(TextState state)
    {
        var text = state.Text.Span;
        var target = state.NextPieces();
        foreach (var piece in state.Pieces.Span)
        {
            if (target.IsFull) break;
            if (piece.Token >= 0)
            {
                target.Add(piece.Start, piece.End, piece.Token);
                continue;
            }
            var part = text[piece.Start..piece.End];
            for (int at = 0, end; at < part.Length && !target.IsFull; at = end)
            {
                end = Gpt2Scanner.Next(part, at);
                target.Add(piece.Start + at, piece.Start + end);
            }
        }
        state.TakePieces();
    }

    private static void WriteBytes(TextState state)
    {
        var source = state.Text;
        var (target, pieces) = (state.NextText(), state.NextPieces());
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var piece in state.Pieces.Span)
        {
            var start = target.Length;
            if (piece.Token >= 0) target.AddPart(source, piece.Start, piece.End);
            else
            {
                for (var i = piece.Start; i < piece.End;)
                {
                    System.Text.Rune.DecodeFromUtf16(source.Span[i..piece.End], out var rune, out var units);
                    var count = rune.EncodeToUtf8(utf8);
                    for (var b = 0; b < count; b++) target.AddLike(ByteAlphabet.CharOf(utf8[b]), source, i);
                    i += units;
                }
            }
            pieces.Add(start, target.Length, piece.Token);
        }
        state.TakeText();
        state.TakePieces();
    }

    public override void Describe(Fingerprint fingerprint) => fingerprint.Add("byte-level", addPrefixSpace, useRegex);
}
