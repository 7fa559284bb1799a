namespace SkTuning;

/// <summary>Why a run was stopped as diverged.</summary>
/// <param name="Step">The step, from 1.</param>
/// <param name="Loss">Its loss.</param>
/// <param name="GradientNorm">The norm of its gradient before clipping.</param>
/// <param name="Rows">The training rows of its batch, counted from 0.</param>
public sealed record TrainingDivergence(int Step, double Loss, double GradientNorm, IReadOnlyList<int> Rows)
{
    private const int Named = 8;

    /// <summary>The step, its loss, its rows, and what to do.</summary>
    public override string ToString() => FormattableString.Invariant(
        $"Training diverged at step {Step}: loss {Loss:G6}, gradient norm {GradientNorm:G6}, on the training rows {string.Join(", ", Rows.Take(Named))}{(Rows.Count > Named ? "…" : "")} (counted from 0). The best parameters until then are kept. Lower the learning rate, or look at these rows.");
}
