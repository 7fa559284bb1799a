using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.Normalizers;

/// <summary>A step that rewrites the text before it is split.</summary>
internal abstract class NormalizerStep
{
    /// <summary>Rewrites <see cref="TextState.Text"/>.</summary>
    public abstract void Apply(TextState state);

    /// <summary>Whether the start of the text is never removed, so that position 0 of the result always comes from position 0 of the text.</summary>
    public abstract bool KeepsStart { get; }

    /// <summary>Adds everything that determines the result to a fingerprint.</summary>
    public abstract void Describe(Fingerprint fingerprint);
}

/// <summary>Applies several steps in order.</summary>
internal sealed class NormalizerSequence(IReadOnlyList<NormalizerStep> steps) : NormalizerStep
{
    public override bool KeepsStart => steps.All(s => s.KeepsStart);

    public override void Apply(TextState state)
    {
        foreach (var step in steps)
        {
            state.Budget.Spend(1 + state.Text.Length);
            step.Apply(state);
        }
    }

    public override void Describe(Fingerprint fingerprint)
    {
        fingerprint.Add("sequence", steps.Count);
        foreach (var step in steps) step.Describe(fingerprint);
    }
}
