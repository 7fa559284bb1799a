using Microsoft.ML.Tokenizers;

namespace SkTuning.Tokenizers;

/// <content>The members of the base class in Microsoft.ML.Tokenizers. They encode single texts without special tokens.</content>
public sealed partial class TextTokenizer
{
    /// <inheritdoc/>
    protected override EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        Check(settings);
        var whole = text ?? textSpan.ToString();
        var tokens = Collect(whole, OneMore(settings));
        var count = Math.Min(tokens.Count, settings.MaxTokenCount);
        var list = new EncodedToken[count];
        for (var i = 0; i < count; i++) list[i] = new(tokens.Ids[i], TokenOf(tokens.Ids[i]) ?? "", tokens.Starts[i]..tokens.Ends[i]);
        return new() { Tokens = list, NormalizedText = null, CharsConsumed = Consumed(whole, tokens, count) };
    }

    /// <inheritdoc/>
    protected override EncodeResults<int> EncodeToIds(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        Check(settings);
        var whole = text is null ? textSpan : text.AsSpan();
        var ids = FirstIds(whole, OneMore(settings));
        if (ids.Length <= settings.MaxTokenCount) return new() { Tokens = ids, NormalizedText = null, CharsConsumed = whole.Length };
        var tokens = Collect(whole.ToString(), OneMore(settings));
        return new() { Tokens = ids[..settings.MaxTokenCount], NormalizedText = null, CharsConsumed = Consumed(whole, tokens, settings.MaxTokenCount) };
    }

    /// <inheritdoc/>
    protected override int CountTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
        => EncodeToIds(text, textSpan, settings).Tokens.Count;

    private static int Consumed(ReadOnlySpan<char> text, Processors.Sequence tokens, int count)
        => count == tokens.Count ? text.Length : count == 0 ? 0 : Math.Min(tokens.Ends.AsSpan(0, count).ToArray().Max(), text.Length);

    private static int OneMore(EncodeSettings settings) => (int)Math.Min(int.MaxValue, settings.MaxTokenCount + 1L);

    private static void Check(EncodeSettings settings)
    {
        if (!settings.ConsiderNormalization || !settings.ConsiderPreTokenization)
            throw new SkTuningException("Encoding without normalization or pre-tokenization is not supported: the ids would not be those of this tokenizer.");
        if (settings.MaxTokenCount <= 0) throw new SkTuningException($"maxTokenCount is {settings.MaxTokenCount}, expected 1 or more.");
    }
}
