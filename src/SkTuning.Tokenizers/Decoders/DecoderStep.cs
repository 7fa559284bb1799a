namespace SkTuning.Tokenizers.Decoders;

/// <summary>A decoding step, which turns one list of strings into another.</summary>
internal abstract class DecoderStep
{
    public abstract List<string> Apply(List<string> tokens);
}

/// <summary>Applies several steps in order.</summary>
internal sealed class DecoderSequence(IReadOnlyList<DecoderStep> steps) : DecoderStep
{
    public override List<string> Apply(List<string> tokens) => steps.Aggregate(tokens, (t, step) => step.Apply(t));
}

/// <summary>Joins all tokens into one string.</summary>
internal sealed class FuseDecoder : DecoderStep
{
    public override List<string> Apply(List<string> tokens) => [string.Concat(tokens)];
}
