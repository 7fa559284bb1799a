namespace SkTuning;

/// <summary>How the demonstrations of an <see cref="InContextClassifier"/> are ordered before a text.</summary>
public enum DemonstrationOrder
{
    /// <summary>
    /// As the memory says: the texts most similar to the new one vote for the orders that were good for them (POEM, arXiv 2408.07465).
    /// </summary>
    Memory,

    /// <summary>One order for all texts: the one with the highest mean reward on the training rows.</summary>
    BestStatic,

    /// <summary>By their similarity to the text, the most similar one last.</summary>
    MostSimilarLast,

    /// <summary>At random, another order for each text.</summary>
    Random,
}

/// <summary>The options of an <see cref="InContextClassifier"/>.</summary>
public sealed record InContextOptions
{
    /// <summary>The orders of 6 are 720; those of more would take too long to try.</summary>
    internal const int MaxDemonstrations = 6;

    /// <summary>The number of training rows that the model reads before a text, from 1 to 6, the labels in turn. The default is 4.</summary>
    public int Demonstrations { get; init; } = 4;

    /// <summary>How the demonstrations are ordered. The default is <see cref="DemonstrationOrder.Memory"/>.</summary>
    public DemonstrationOrder Order { get; init; } = DemonstrationOrder.Memory;

    /// <summary>The number of orders that are tried for each training row, from 1 to 720. The default is 24: all orders of 4 demonstrations.</summary>
    public int TriedOrders { get; init; } = 24;

    /// <summary>The number of stored texts that vote for an order, from 1 to 1000. The default is 8.</summary>
    public int Neighbors { get; init; } = 8;

    /// <summary>The maximum number of stored texts, from 1 to 100,000; a further one takes the place of the oldest. The default is 10,000.</summary>
    public int MemoryLimit { get; init; } = 10_000;

    /// <summary>The text before the demonstrations, such as an instruction; <c>{labels}</c> is replaced with the names of the labels.</summary>
    public string Prompt { get; init; } = "";

    /// <summary>The text around each row, which ends with the cue of the answer. The default is <c>{text}\nAnswer:</c>.</summary>
    public string Template { get; init; } = "{text}\nAnswer:";

    /// <summary>A word for each label; a label without one is named. The default is <see langword="null"/>: all labels are.</summary>
    public IReadOnlyDictionary<string, string>? LabelWords { get; init; }

    /// <summary>The seed of the choice of demonstrations and of the orders. The default is 1.</summary>
    public ulong Seed { get; init; } = 1;

    internal void Validate()
    {
        Check(nameof(Demonstrations), Demonstrations, Demonstrations is >= 1 and <= MaxDemonstrations, "1 to 6");
        Check(nameof(TriedOrders), TriedOrders, TriedOrders is >= 1 and <= 720, "1 to 720");
        Check(nameof(Neighbors), Neighbors, Neighbors is >= 1 and <= 1000, "1 to 1000");
        Check(nameof(MemoryLimit), MemoryLimit, MemoryLimit is >= 1 and <= 100_000, "1 to 100000");
        OptionCheck.IsDefined(nameof(InContextOptions), nameof(Order), Order);
    }

    private static void Check<T>(string name, T value, bool isValid, string expected)
        => OptionCheck.That(nameof(InContextOptions), name, value, isValid, expected);
}
