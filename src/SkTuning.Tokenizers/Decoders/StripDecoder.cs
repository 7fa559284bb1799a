namespace SkTuning.Tokenizers.Decoders;

/// <summary>Takes up to so many of a character from the start and the end of every token.</summary>
internal sealed class StripDecoder(string content, int start, int stop) : DecoderStep
{
    public override List<string> Apply(List<string> tokens) => tokens.ConvertAll(Strip);

    private string Strip(string token)
    {
        var (from, to) = (0, token.Length);
        for (var i = 0; i < start && token.AsSpan(from, to - from).StartsWith(content, StringComparison.Ordinal); i++) from += content.Length;
        for (var i = 0; i < stop && token.AsSpan(from, to - from).EndsWith(content, StringComparison.Ordinal); i++) to -= content.Length;
        return token[from..to];
    }
}
