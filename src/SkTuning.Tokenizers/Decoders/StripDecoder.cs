using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.Decoders;

/// <summary>Removes a character from both ends of every token, at most a given number of times at each end.</summary>
internal sealed class StripDecoder(string content, int start, int stop) : DecoderStep
{
    public override List<string> Apply(List<string> tokens, WorkBudget budget) => tokens.ConvertAll(Strip);

    private string Strip(string token)
    {
        var (from, to) = (0, token.Length);
        for (var i = 0; i < start && token.AsSpan(from, to - from).StartsWith(content, StringComparison.Ordinal); i++) from += content.Length;
        for (var i = 0; i < stop && token.AsSpan(from, to - from).EndsWith(content, StringComparison.Ordinal); i++) to -= content.Length;
        return token[from..to];
    }
}
