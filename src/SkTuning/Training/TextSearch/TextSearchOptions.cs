namespace SkTuning;

/// <summary>How a search goes from one candidate to the next.</summary>
public enum TextSearchStrategy
{
    /// <summary>All edits of the best candidate are tried, and the best of them is edited next, until no edit is better.</summary>
    Greedy,

    /// <summary>One edit at a time; the kinds of edits and the texts that have helped are tried more often (upper confidence bounds).</summary>
    Bandit,

    /// <summary>Every candidate that can be made of the texts. It needs few texts.</summary>
    Exhaustive,
}

/// <summary>
/// The options that all searches over texts have: for a prompt (<see cref="PromptSearchOptions"/>), for the texts of the labels
/// (<see cref="DescriptionSearchOptions"/>), and for an in-context prompt (<see cref="InContextSearchOptions"/>).
/// </summary>
public abstract record TextSearchOptions
{
    private protected TextSearchOptions() { }

    /// <summary>The maximum number of candidates that are tried besides the written one, from 1 to 10,000. The default is 32.</summary>
    public int Candidates { get; init; } = 32;

    /// <summary>How to search. The default is <see cref="TextSearchStrategy.Greedy"/>.</summary>
    public TextSearchStrategy Strategy { get; init; } = TextSearchStrategy.Greedy;

    /// <summary>The seed of the order in which candidates are tried, and of the choice of rows. The default is 1.</summary>
    public ulong Seed { get; init; } = 1;

    internal virtual void Validate()
    {
        Check(nameof(Candidates), Candidates, Candidates is >= 1 and <= 10_000, "1 to 10000");
        OptionCheck.IsDefined(GetType().Name, nameof(Strategy), Strategy);
    }

    private protected void Check<T>(string name, T value, bool isValid, string expected) => OptionCheck.That(GetType().Name, name, value, isValid, expected);

    private protected void CheckTexts(string name, IEnumerable<string>? texts)
    {
        if (texts?.FirstOrDefault(string.IsNullOrWhiteSpace) is { } blank) Check(name, blank, false, "texts that are not empty");
    }
}
