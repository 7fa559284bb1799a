using SkTuning.Tokenizers.Sources;
using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.Normalizers;

/// <summary>One step that rewrites the text before it is split.</summary>
internal abstract class NormalizerStep
{
    /// <summary>Rewrites <see cref="EncodeState.Text"/>.</summary>
    public abstract void Apply(EncodeState state);

    /// <summary>Whether the first unit of a text always stays (or something is put before it), so that position 0 stays position 0.</summary>
    public abstract bool KeepsStart { get; }

    /// <summary>Writes down what decides the result.</summary>
    public abstract void Describe(Fingerprint fingerprint);
}

/// <summary>Steps one after the other.</summary>
internal sealed class NormalizerSequence(IReadOnlyList<NormalizerStep> steps) : NormalizerStep
{
    public override bool KeepsStart => steps.All(s => s.KeepsStart);

    public override void Apply(EncodeState state)
    {
        foreach (var step in steps) step.Apply(state);
    }

    public override void Describe(Fingerprint fingerprint)
    {
        fingerprint.Add("sequence", steps.Count);
        foreach (var step in steps) step.Describe(fingerprint);
    }
}
