using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.Decoders;

/// <summary>Replaces the matches of a pattern in every token.</summary>
internal sealed class ReplaceDecoder(Pattern pattern, string content) : DecoderStep
{
    public override List<string> Apply(List<string> tokens) => tokens.ConvertAll(Replace);

    private string Replace(string token)
    {
        if (!pattern.Find(token, 0, out var start, out var end)) return token;
        var result = new System.Text.StringBuilder();
        var done = 0;
        do
        {
            result.Append(token, done, start - done).Append(content);
            done = end;
        }
        while (pattern.FindNext(token, ref start, ref end));
        return result.Append(token, done, token.Length - done).ToString();
    }
}
