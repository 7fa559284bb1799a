using SkTuning.Tokenizers.Sources;
using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.PreTokenizers;

/// <summary>One step that cuts pieces into smaller ones, or rewrites them. Pieces that are added tokens pass through untouched.</summary>
internal abstract class PreTokenizerStep
{
    /// <summary>Rewrites <see cref="EncodeState.Pieces"/>, and <see cref="EncodeState.Text"/> if the step changes text.</summary>
    public abstract void Apply(EncodeState state);

    /// <summary>Whether the step asks where in the original text a piece stands.</summary>
    public virtual bool AsksOrigin => false;

    /// <summary>Writes down what decides the result.</summary>
    public abstract void Describe(Fingerprint fingerprint);
}

/// <summary>Steps one after the other.</summary>
internal sealed class PreTokenizerSequence(PreTokenizerStep[] steps) : PreTokenizerStep
{
    public PreTokenizerStep[] Steps => steps;

    public override bool AsksOrigin => steps.Any(s => s.AsksOrigin);

    public override void Apply(EncodeState state)
    {
        foreach (var step in steps) step.Apply(state);
    }

    public override void Describe(Fingerprint fingerprint)
    {
        fingerprint.Add("sequence", steps.Length);
        foreach (var step in steps) step.Describe(fingerprint);
    }
}

/// <summary>A step that only cuts: each piece by itself, the text as it is.</summary>
internal abstract class CuttingStep : PreTokenizerStep
{
    public sealed override void Apply(EncodeState state)
    {
        var text = state.Text.Span;
        var target = state.NextPieces();
        foreach (var piece in state.Pieces.Span)
        {
            if (piece.Token >= 0) target.Add(piece.Start, piece.End, piece.Token);
            else Cut(text[piece.Start..piece.End], piece.Start, target);
        }
        state.TakePieces();
    }

    /// <summary>Cuts one piece, which stands at <paramref name="at"/>; what is added to <paramref name="pieces"/> counts from the start of the text.</summary>
    protected abstract void Cut(ReadOnlySpan<char> piece, int at, PieceList pieces);
}
