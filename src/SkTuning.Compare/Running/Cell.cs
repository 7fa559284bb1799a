namespace SkTuning.Compare;

/// <summary>A method on a data set with a seed: everything that its trials may access, which excludes the test rows.</summary>
internal sealed record Cell
{
    public required string DataSet { get; init; }
    public required PlanMethod Method { get; init; }
    public required ulong Seed { get; init; }
    public required string Prompt { get; init; }
    public required string Template { get; init; }

    /// <summary>The levels, lowest first; null if the labels have no order.</summary>
    public IReadOnlyList<string>? Levels { get; init; }

    public required Split Train { get; init; }

    /// <summary>The dev rows; empty for a data set without.</summary>
    public required Split Dev { get; init; }

    /// <summary>The descriptions of the labels, for the labels of these rows; null if there are none.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<string>>? Descriptions { get; init; }

    /// <summary>The learning rates; a single null for a method that has none.</summary>
    public required IReadOnlyList<double?> Rates { get; init; }

    /// <summary>True if dev rows choose among the trials; otherwise, there is one trial, which is tested.</summary>
    public bool HasDev => Dev.Rows.Count > 0;
}

/// <summary>Rows and a hash that identifies them.</summary>
internal sealed record Split(IReadOnlyList<Row> Rows)
{
    public string Hash { get; } = RowHash.Of(Rows);
}
