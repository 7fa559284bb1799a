namespace SkTuning;

/// <summary>How <see cref="TrainingSession.FindPrompt"/> goes from one prompt to the next.</summary>
public enum PromptSearchStrategy
{
    /// <summary>All edits of the best prompt are tried, and the best of them is edited next, until no edit is better.</summary>
    Greedy,

    /// <summary>One edit at a time; the kinds of edits and the phrases that have helped are tried more often (upper confidence bounds).</summary>
    Bandit,

    /// <summary>Every prompt that can be made of the phrases. It needs few phrases.</summary>
    Exhaustive,
}

/// <summary>The options of <see cref="TrainingSession.FindPrompt"/>.</summary>
public sealed record PromptSearchOptions
{
    /// <summary>The maximum number of prompts that are tried besides the written one, from 1 to 10,000. The default is 32.</summary>
    public int Candidates { get; init; } = 32;

    /// <summary>How to search. The default is <see cref="PromptSearchStrategy.Greedy"/>.</summary>
    public PromptSearchStrategy Strategy { get; init; } = PromptSearchStrategy.Greedy;

    /// <summary>
    /// The phrases that can be added to a prompt; <c>{labels}</c> is replaced with the names of the labels. The default is <see langword="null"/>: a few
    /// neutral phrases, and one for each label that has a text (<see cref="AdapterOptions.LabelDescriptions"/>). Phrases of the written prompt can always be
    /// moved and left out.
    /// </summary>
    public IReadOnlyList<string>? Phrases { get; init; }

    /// <summary>The seed of the order in which prompts are tried. The default is 1.</summary>
    public ulong Seed { get; init; } = 1;

    internal void Validate()
    {
        Check(nameof(Candidates), Candidates, Candidates is >= 1 and <= 10_000, "1 to 10000");
        OptionCheck.IsDefined(nameof(PromptSearchOptions), nameof(Strategy), Strategy);
        if (Phrases?.FirstOrDefault(string.IsNullOrWhiteSpace) is { } blank) Check(nameof(Phrases), blank, false, "phrases that are not empty");
    }

    private static void Check<T>(string name, T value, bool isValid, string expected)
        => OptionCheck.That(nameof(PromptSearchOptions), name, value, isValid, expected);
}
