using SkTuning.Training;

namespace SkTuning;

/// <summary>A candidate that a search has tried.</summary>
/// <typeparam name="T">The type of the candidates.</typeparam>
/// <param name="Candidate">The candidate.</param>
/// <param name="Margin">
/// The mean over the rows of the score of the right label minus the highest other score, times 2 where it is positive and times 1.8 where it is not. The scores
/// of a fitted head are in units of their spread; those of label words are log-probabilities.
/// </param>
/// <param name="Accuracy">The share of rows whose right label has the highest score.</param>
public sealed record TextTrial<T>(T Candidate, double Margin, double Accuracy);

/// <summary>The result of a search over texts, such as <see cref="TrainingSession.FindPrompt"/>.</summary>
/// <typeparam name="T">The type of the candidates.</typeparam>
public sealed record TextSearchReport<T>
{
    /// <summary>Gets the candidate to use: the best one if it is better than the written one by more than chance explains, otherwise the written one.</summary>
    public T Chosen => IsBetter ? Best.Candidate : Written.Candidate;

    /// <summary>Gets the written candidate and its result.</summary>
    public required TextTrial<T> Written { get; init; }

    /// <summary>
    /// Gets the candidate with the largest margin and its result, which is optimistic: it is the best of several on the same rows.
    /// </summary>
    public required TextTrial<T> Best { get; init; }

    /// <summary>
    /// Gets a value that indicates whether the best candidate has a margin that is larger than the written one's by more than the best of as many candidates
    /// without any difference would have by chance: √(2 ln n) standard errors of the difference, where n is the number of candidates.
    /// </summary>
    public required bool IsBetter { get; init; }

    /// <summary>Gets all candidates, in the order in which they were tried; the written one is the first.</summary>
    public required IReadOnlyList<TextTrial<T>> Trials { get; init; }

    /// <summary>Gets the number of rows that the candidates were tried on.</summary>
    public required int Rows { get; init; }

    /// <summary>Gets the result in one sentence.</summary>
    public string Summary
    {
        get
        {
            var tried = FormattableString.Invariant($"{Trials.Count} {Kind.Many} tried on {Rows} rows");
            var scores = $"accuracy {ScoreText.Of(Best.Accuracy, false)}, {ScoreText.Of(Written.Accuracy, false)} with the written one";
            return IsBetter ? $"Found a better {Kind.One} ({tried}; {scores}): {Kind.Show(Written.Candidate, Best.Candidate)}"
                : ReferenceEquals(Best, Written) ? $"No {Kind.One} is better than the written one ({tried})."
                : $"No {Kind.One} is better than the written one by more than chance explains ({tried}; the best one has {scores}).";
        }
    }

    internal SearchKind<T> Kind { get; init; } = null!;
}
