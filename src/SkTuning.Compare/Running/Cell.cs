namespace SkTuning.Compare;

/// <summary>A method on a data set with a seed: everything that its trials may access, which excludes the test rows.</summary>
internal sealed record Cell
{
    public required string DataSet { get; init; }
    public required PlanMethod Method { get; init; }
    public required ulong Seed { get; init; }
    public required string Prompt { get; init; }
    public required string Template { get; init; }
    public required Split Train { get; init; }
    public required Split Dev { get; init; }

    /// <summary>The learning rates; a single null for a method that has none.</summary>
    public IReadOnlyList<double?> Rates => Method.RatesTried is { Count: > 0 } rates ? [.. rates.Select(r => (double?)r)] : [null];
}

/// <summary>Rows and a hash that identifies them.</summary>
internal sealed record Split(IReadOnlyList<Row> Rows)
{
    public string Hash { get; } = RowHash.Of(Rows);
}
