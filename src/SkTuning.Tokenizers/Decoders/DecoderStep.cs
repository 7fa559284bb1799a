namespace SkTuning.Tokenizers.Decoders;

/// <summary>One step from tokens back to text: a list of strings becomes another.</summary>
internal abstract class DecoderStep
{
    public abstract List<string> Apply(List<string> tokens);
}

/// <summary>Steps one after the other.</summary>
internal sealed class DecoderSequence(IReadOnlyList<DecoderStep> steps) : DecoderStep
{
    public override List<string> Apply(List<string> tokens) => steps.Aggregate(tokens, (t, step) => step.Apply(t));
}

/// <summary>All tokens in one string.</summary>
internal sealed class FuseDecoder : DecoderStep
{
    public override List<string> Apply(List<string> tokens) => [string.Concat(tokens)];
}
