using SkTuning.Tasks;

namespace SkTuning.Compare;

/// <summary>A data set of a comparison.</summary>
public sealed record ComparedDataSet
{
    /// <summary>Its name, unique in the plan.</summary>
    public required string Name { get; init; }

    /// <summary>What it is a sample of: data sets of one task and different sizes lie on one curve. The name unless the plan says otherwise.</summary>
    public required string Task { get; init; }

    /// <summary>The task in words, as the methods read it.</summary>
    public required string Prompt { get; init; }

    /// <summary>The metric that dev chooses by and the test is reported in.</summary>
    public required ComparisonMetric Metric { get; init; }

    /// <summary>All labels, in ordinal order; indices in <see cref="Truth"/> and <see cref="ComparisonScore.Predicted"/> count them from 0.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Rows of the training split (of the first seed, where each seed has its own).</summary>
    public required int TrainRows { get; init; }

    /// <summary>Rows of the dev split (of the first seed).</summary>
    public required int DevRows { get; init; }

    /// <summary>The true class of every test row.</summary>
    public required IReadOnlyList<int> Truth { get; init; }

    /// <summary>Rows that stand in two splits; empty when none does.</summary>
    public required IReadOnlyList<ComparisonLeak> Leaks { get; init; }
}

/// <summary>Rows of one split that stand in another one too: equal but for case, white space and punctuation.</summary>
public sealed record ComparisonLeak
{
    /// <summary>The seed whose splits these are; null when all seeds share them.</summary>
    public ulong? Seed { get; init; }

    /// <summary>The split that should be unseen: test or dev.</summary>
    public required string Split { get; init; }

    /// <summary>The split its rows stand in too: train or dev.</summary>
    public required string FoundIn { get; init; }

    /// <summary>How many rows of <see cref="Split"/>.</summary>
    public required int Rows { get; init; }

    /// <summary>How many of them have another label there.</summary>
    public required int OtherLabel { get; init; }

    /// <summary>The first few: row of <see cref="Split"/>, row of <see cref="FoundIn"/> (both from 1), the text.</summary>
    public required IReadOnlyList<LeakedRow> Examples { get; init; }
}

/// <summary>One row that stands in two splits.</summary>
/// <param name="Row">Its number in the split that should be unseen, from 1.</param>
/// <param name="SameAs">The number of the first equal row in the other split, from 1.</param>
/// <param name="Text">Its text, cut behind 120 characters.</param>
public sealed record LeakedRow(int Row, int SameAs, string Text);
