using System.Buffers;

namespace SkTuning.Tokenizers;

public sealed partial class TextTokenizer
{
    /// <summary>Decodes ids to text.</summary>
    /// <param name="ids">The ids. Ids without a token are skipped.</param>
    /// <param name="skipSpecialTokens">Whether to leave special tokens out of the text.</param>
    /// <returns>The decoded text.</returns>
    public string Decode(IEnumerable<int> ids, bool skipSpecialTokens)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var tokens = new List<string>();
        foreach (var id in ids)
            if (TokenOf(id) is { } token && !(skipSpecialTokens && _parts.Added.IsSpecial(token))) tokens.Add(token);
        return _parts.Decoder is null ? string.Join(' ', tokens) : string.Concat(_parts.Decoder.Apply(tokens));
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
