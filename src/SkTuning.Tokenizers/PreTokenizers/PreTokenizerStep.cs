using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.PreTokenizers;

/// <summary>A step that splits pieces into smaller ones, or rewrites them. Pieces that are added tokens are not changed.</summary>
internal abstract class PreTokenizerStep
{
    /// <summary>Rewrites <see cref="TextState.Pieces"/>, and <see cref="TextState.Text"/> if the step changes text.</summary>
    public abstract void Apply(TextState state);

    /// <summary>Whether the step needs the position of a piece in the original text.</summary>
    public virtual bool NeedsOrigin => false;

    /// <summary>Adds everything that determines the result to a fingerprint.</summary>
    public abstract void Describe(Fingerprint fingerprint);
}

/// <summary>Applies several steps in order.</summary>
internal sealed class PreTokenizerSequence(PreTokenizerStep[] steps) : PreTokenizerStep
{
    public PreTokenizerStep[] Steps => steps;

    public override bool NeedsOrigin => steps.Any(s => s.NeedsOrigin);

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
        fingerprint.Add("sequence", steps.Length);
        foreach (var step in steps) step.Describe(fingerprint);
    }
}

/// <summary>A step that only splits: each piece by itself, without changing the text.</summary>
internal abstract class CuttingStep : PreTokenizerStep
{
    public sealed override void Apply(TextState state)
    {
        var text = state.Text.Span;
        var target = state.NextPieces();
        foreach (var piece in state.Pieces.Span)
        {
            if (target.IsFull) break;
            if (piece.Token >= 0) target.Add(piece.Start, piece.End, piece.Token);
            else Cut(text[piece.Start..piece.End], piece.Start, target, state.Budget);
        }
        state.TakePieces();
    }

    /// <summary>
    /// Splits a piece, which starts at <paramref name="at"/>. Positions added to <paramref name="pieces"/> count from the start of the text. When the list is
    /// full, the rest may be left out.
    /// </summary>
    protected abstract void Cut(ReadOnlySpan<char> piece, int at, PieceList pieces, WorkBudget budget);
}
