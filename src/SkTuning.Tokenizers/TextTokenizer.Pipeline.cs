using SkTuning.Tokenizers.SubwordModels;
using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers;

public sealed partial class TextTokenizer
{
    private const int MinPieces = 256, PiecesPerToken = 4;

    /// <summary>
    /// Appends the tokens of a text to <see cref="EncodeState.Tokens"/>. Added tokens are taken out first; the text between them is normalized, searched
    /// for added tokens again and split into pieces, and the model encodes each piece. Once the list is full, the rest of the text is not read.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="state">The state whose token list, started by the caller, is appended to.</param>
    /// <param name="word">The index of the next word.</param>
    /// <param name="countPieces">True to count each piece as a word, false to count the whole text as one word.</param>
    private void Run(ReadOnlySpan<char> text, EncodeState state, ref int word, bool countPieces)
    {
        var tokens = state.Tokens;
        foreach (var part in _parts.Added.InRawText(text, state.Budget))
        {
            if (tokens.IsFull) break;
            if (part.Token < 0 || part.Token >= _rows) RunPart(text[part.Start..part.End], part.Start, state, ref word, countPieces);
            else
            {
                tokens.Add(part.Token, part.Start, part.End);
                if (tokens.Offsets) tokens.Words[tokens.Count - 1] = word;
                if (countPieces) word++;
            }
        }
        RequireRows(tokens);
    }

    private void RunPart(ReadOnlySpan<char> part, int at, EncodeState state, ref int word, bool countPieces)
    {
        var tokens = state.Tokens;
        var (first, firstWord) = (tokens.Count, word);
        // A few tokens need only a few pieces: those of the start of a text are the first pieces of the whole text.
        var pieces = tokens.Max == int.MaxValue ? int.MaxValue : (int)Math.Min(int.MaxValue, MinPieces + PiecesPerToken * (long)(tokens.Max - first));
        RunPieces(part, at, state, pieces, ref word, countPieces);
        if (state.HasMorePieces && !tokens.IsFull)
        {
            // Many of the pieces have no tokens.
            (tokens.Count, word) = (first, firstWord);
            RunPieces(part, at, state, int.MaxValue, ref word, countPieces);
        }
        state.Budget.Made(state.Text.Length);
    }

    private void RunPieces(ReadOnlySpan<char> part, int at, EncodeState state, int maxPieces, ref int word, bool countPieces)
    {
        state.Load(part, at, state.Tokens.Offsets || _needsOrigins, maxPieces);
        _parts.Normalizer?.Apply(state);
        foreach (var piece in _parts.Added.InNormalizedText(state.Text.Span, state.Budget))
        {
            state.Pieces.Add(piece.Start, piece.End, piece.Token < _rows ? piece.Token : -1);
            if (!state.Pieces.IsFull) continue;
            state.HasMorePieces = true;
            break;
        }
        _parts.PreTokenizer?.Apply(state);
        var (tokens, text) = (state.Tokens, state.Text);
        foreach (var piece in state.Pieces.Span)
        {
            if (tokens.IsFull) break;
            var first = tokens.Count;
            if (piece.Token >= 0) tokens.Add(piece.Token, 0, piece.End - piece.Start);
            else _parts.Model.Encode(text.Chars.AsSpan(piece.Start, piece.End - piece.Start), state);
            if (tokens.Offsets) Locate(tokens, first, text, piece, word);
            if (countPieces) word++;
        }
    }

    /// <summary>Converts token offsets within the piece to offsets in the original text.</summary>
    private static void Locate(TokenList tokens, int first, TextBuffer text, Piece piece, int word)
    {
        for (var i = first; i < tokens.Count; i++)
        {
            var (start, end) = (piece.Start + tokens.Starts[i], piece.Start + tokens.Ends[i]);
            (tokens.Starts[i], tokens.Ends[i]) = start < end ? (text.From[start], text.To[end - 1]) : (text.From[piece.Start], text.From[piece.Start]);
            tokens.Words[i] = word;
        }
    }
}
