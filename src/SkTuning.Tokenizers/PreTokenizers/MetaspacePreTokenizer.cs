using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.PreTokenizers;

/// <summary>Specifies where the word sign is added before a piece that does not start with it.</summary>
internal enum PrependScheme
{
    Always,
    /// <summary>Only before the piece at the start of the text.</summary>
    First,
    Never,
}

/// <summary>
/// SentencePiece's pre-tokenizer: replaces spaces with a word sign, adds a word sign at the start and, if set to split, starts a piece at each word sign.
/// </summary>
internal sealed class MetaspacePreTokenizer(string sign, PrependScheme scheme, bool split) : PreTokenizerStep
{
    public override bool NeedsOrigin => scheme == PrependScheme.First;

    public override void Apply(TextState state)
    {
        var source = state.Text;
        if (sign.Length == 1 && scheme == PrependScheme.Never && !split)
        {
            foreach (var piece in state.Pieces.Span)
                if (piece.Token < 0) source.Chars.AsSpan(piece.Start, piece.End - piece.Start).Replace(' ', sign[0]);
            return;
        }
        var (target, pieces) = (state.NextText(), state.NextPieces());
        foreach (var piece in state.Pieces.Span)
        {
            if (pieces.IsFull) break;
            if (piece.Token >= 0)
            {
                var token = target.Length;
                target.AddPart(source, piece.Start, piece.End);
                pieces.Add(token, target.Length, piece.Token);
                continue;
            }
            Write(source, piece, target, pieces, state.PartAt);
        }
        state.TakeText();
        state.TakePieces();
    }

    private void Write(TextBuffer source, Piece piece, TextBuffer target, PieceList pieces, int partAt)
    {
        var text = source.Span[piece.Start..piece.End];
        var start = target.Length;
        var signed = text[0] == ' ' || text.StartsWith(sign, StringComparison.Ordinal);
        var origin = source.Offsets ? source.From[piece.Start] : partAt + piece.Start;
        if (!signed && (scheme == PrependScheme.Always || (scheme == PrependScheme.First && origin == 0)))
            target.AddLike(sign, source, piece.Start);
        for (var done = 0; done < text.Length;)
        {
            var space = text[done..].IndexOf(' ');
            var end = space < 0 ? text.Length : done + space;
            target.AddPart(source, piece.Start + done, piece.Start + end);
            done = end + 1;
            if (space >= 0) target.AddLike(sign, source, piece.Start + end);
        }
        if (!split)
        {
            pieces.Add(start, target.Length);
            return;
        }
        var written = target.Span;
        for (var at = start; at < target.Length && !pieces.IsFull;)
        {
            var next = written[(at + 1)..].IndexOf(sign.AsSpan());
            var end = next < 0 ? target.Length : at + 1 + next;
            pieces.Add(at, end);
            at = end;
        }
    }

    public override void Describe(Fingerprint fingerprint) => fingerprint.Add("metaspace", sign, scheme, split);
}
