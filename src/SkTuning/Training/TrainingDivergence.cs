namespace SkTuning;

/// <summary>The step at which a run was stopped as diverged.</summary>
/// <param name="Step">The number of the step, counted from 1.</param>
/// <param name="Loss">The loss of the step.</param>
/// <param name="GradientNorm">The norm of its gradient before clipping.</param>
/// <param name="Rows">The zero-based indices of the training rows in its batch.</param>
public sealed record TrainingDivergence(int Step, double Loss, double GradientNorm, IReadOnlyList<int> Rows)
{
    private const int MaxNamedRows = 8;

    internal string? Advice { get; init; }

    /// <summary>Returns a sentence about the step, its loss and its rows, and what to do.</summary>
    public override string ToString()
    {
        var rows = string.Join(", ", Rows.Take(MaxNamedRows)) + (Rows.Count > MaxNamedRows ? "…" : "");
        return FormattableString.Invariant($"Training diverged at step {Step}: loss {Loss:G6}, gradient norm {GradientNorm:G6}, ")
            + $"on the training rows {rows} (counted from 0). The best parameters before that step are kept. Lower the learning rate, or inspect these rows."
            + (Advice is null ? "" : " " + Advice);
    }
}
