using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.Decoders;

/// <summary>A decoding step, which turns one list of strings into another.</summary>
internal abstract class DecoderStep
{
    public abstract List<string> Apply(List<string> tokens, WorkBudget budget);
}

/// <summary>Applies several steps in order.</summary>
internal sealed class DecoderSequence(IReadOnlyList<DecoderStep> steps) : DecoderStep
{
    public override List<string> Apply(List<string> tokens, WorkBudget budget)
    {
        foreach (var step in steps)
        {
            tokens = step.Apply(tokens, budget);
            var length = tokens.Sum(t => (long)t.Length);
            if (length > budget.CharactersLeft) throw budget.TooMuch();
            budget.Spend(tokens.Count + length);
        }
        return tokens;
    }
}

/// <summary>Joins all tokens into one string.</summary>
internal sealed class FuseDecoder : DecoderStep
{
    public override List<string> Apply(List<string> tokens, WorkBudget budget) => [string.Concat(tokens)];
}
