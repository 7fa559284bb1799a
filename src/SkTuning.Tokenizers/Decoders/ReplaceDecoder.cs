using System.Text;
using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.Decoders;

/// <summary>Replaces the matches of a pattern in every token.</summary>
internal sealed class ReplaceDecoder(Pattern pattern, string content) : DecoderStep
{
    public override List<string> Apply(List<string> tokens, WorkBudget budget)
    {
        var made = 0L;
        return tokens.ConvertAll(token => Replace(token, budget, ref made));
    }

    private string Replace(string token, WorkBudget budget, ref long made)
    {
        if (!pattern.Find(token, 0, budget, out var start, out var end)) return token;
        var result = new StringBuilder();
        var done = 0;
        do
        {
            made += start - done + content.Length;
            if (made > budget.CharactersLeft) throw budget.TooMuch();
            result.Append(token, done, start - done).Append(content);
            done = end;
        }
        while (pattern.FindNext(token, budget, ref start, ref end));
        return result.Append(token, done, token.Length - done).ToString();
    }
}
