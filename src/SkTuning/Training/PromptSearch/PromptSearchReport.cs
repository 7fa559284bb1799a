using SkTuning.Training;

namespace SkTuning;

/// <summary>A prompt that <see cref="TrainingSession.FindPrompt"/> has tried.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Margin">
/// The mean over the rows of the score of the right label minus the highest other score, times 2 where it is positive and times 1.8 where it is not; in units
/// of the spread of the scores.
/// </param>
/// <param name="Accuracy">The share of rows whose right label has the highest score.</param>
public sealed record PromptTrial(string Prompt, double Margin, double Accuracy);

/// <summary>The result of <see cref="TrainingSession.FindPrompt"/>.</summary>
public sealed record PromptSearchReport
{
    /// <summary>Gets the prompt to use: the best one if it is better than the written one by more than chance explains, otherwise the written one.</summary>
    public string Prompt => IsBetter ? Best.Prompt : Written.Prompt;

    /// <summary>Gets the written prompt and its result.</summary>
    public required PromptTrial Written { get; init; }

    /// <summary>
    /// Gets the prompt with the largest margin and its result, which is optimistic: it is the best of several on the same rows.
    /// </summary>
    public required PromptTrial Best { get; init; }

    /// <summary>
    /// Gets a value that indicates whether the best prompt has a margin that is larger than the written one's by more than the best of as many prompts without
    /// any difference would have by chance: √(2 ln n) standard errors of the difference, where n is the number of prompts.
    /// </summary>
    public required bool IsBetter { get; init; }

    /// <summary>Gets all prompts, in the order in which they were tried; the written one is the first.</summary>
    public required IReadOnlyList<PromptTrial> Trials { get; init; }

    /// <summary>Gets the number of rows that the prompts were tried on.</summary>
    public required int Rows { get; init; }

    /// <summary>Gets the result in one sentence.</summary>
    public string Summary
    {
        get
        {
            var tried = FormattableString.Invariant($"{Trials.Count} prompts tried on {Rows} rows");
            var scores = $"accuracy {ScoreText.Of(Best.Accuracy, false)}, {ScoreText.Of(Written.Accuracy, false)} with the written one";
            return IsBetter ? $"Found a better prompt ({tried}; {scores}): {Best.Prompt}"
                : Best.Prompt == Written.Prompt ? $"No prompt is better than the written one ({tried})."
                : $"No prompt is better than the written one by more than chance explains ({tried}; the best one has {scores}).";
        }
    }

    /// <summary>
    /// True if the mean of the first margins is higher by more than √(2 ln n) standard errors of the difference, about the largest of n differences that are
    /// chance alone.
    /// </summary>
    internal static bool IsMoreThanChance(double[] first, double[] second, int prompts)
    {
        double[] differences = [.. first.Zip(second, (a, b) => a - b)];
        var mean = differences.Average();
        var error = Math.Sqrt(differences.Sum(d => (d - mean) * (d - mean)) / Math.Max(1, differences.Length - 1) / differences.Length);
        return mean > Math.Sqrt(2 * Math.Log(Math.Max(2, prompts))) * error && mean > 0;
    }
}
