using System.Buffers;
using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers;

public sealed partial class TextTokenizer
{
    private const int MaxDecoded = 1 << 24, LongToken = 64;

    /// <summary>Decodes ids to text.</summary>
    /// <param name="ids">The ids. Ids without a token are skipped.</param>
    /// <param name="skipSpecialTokens">Whether to leave special tokens out of the text.</param>
    /// <returns>The decoded text.</returns>
    public string Decode(IEnumerable<int> ids, bool skipSpecialTokens)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var (tokens, length) = (new List<string>(), 0L);
        foreach (var id in ids)
        {
            if (TokenOf(id) is not { } token || (skipSpecialTokens && _parts.Added.IsSpecial(token))) continue;
            tokens.Add(token);
            length += token.Length;
            if (length > MaxDecoded + (long)tokens.Count * LongToken)
                throw SkTuningException.BadFile(
                    _parts.File, "vocab", $"a vocabulary whose tokens make {length} characters of {tokens.Count} ids", "shorter tokens");
        }
        if (_parts.Decoder is null) return string.Join(' ', tokens);
        var budget = new WorkBudget(_parts.File);
        budget.Start(length);
        return string.Concat(_parts.Decoder.Apply(tokens, budget));
    }

    /// <inheritdoc/>
    public override string Decode(IEnumerable<int> ids) => Decode(ids, skipSpecialTokens: false);

    /// <inheritdoc/>
    public override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
    {
        // A decoder may depend on all tokens, so the text is written completely or not at all.
        var list = ids.ToList();
        var text = Decode(list, skipSpecialTokens: false);
        var fits = text.TryCopyTo(destination);
        (idsConsumed, charsWritten) = fits ? (list.Count, text.Length) : (0, 0);
        return fits ? OperationStatus.Done : OperationStatus.DestinationTooSmall;
    }
}
