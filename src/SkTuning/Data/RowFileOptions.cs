namespace SkTuning.Data;

/// <summary>Which columns of a file hold the rows, and how many of them to read.</summary>
public sealed record RowFileOptions
{
    /// <summary>Name of the column (JSONL: of the key) that holds the text. Default: text. Upper and lower case are different names.</summary>
    public string TextColumn { get; init; } = "text";

    /// <summary>Name of the column that holds the label. Default: label.</summary>
    public string LabelColumn { get; init; } = "label";

    /// <summary>Name of the column that holds the second text of a pair; read where the file has it. Default: text2.</summary>
    public string Text2Column { get; init; } = "text2";

    /// <summary>At most this many rows, from the start of the file; at least 1. Default: null, all of them.</summary>
    public int? Limit { get; init; }

    /// <summary>
    /// TSV and CSV: whether the first line names the columns. Default: true. Without names the columns are taken by their order: text, label; or text,
    /// second text, label.
    /// </summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>
    /// What to do with a row that cannot be read. Default: null, reading stops with a <see cref="SkTuningException"/>; otherwise this is called, and reading
    /// goes on with the next row. What makes the rest of a file unreadable (a missing column, a record without an end, in CSV also bytes that are not UTF-8) stops it in either case.
    /// </summary>
    public Action<BadRow>? OnBadRow { get; init; }

    internal void Validate()
    {
        if (Limit is < 1) throw new SkTuningException($"{nameof(RowFileOptions)}: {nameof(Limit)} is {Limit}, expected at least 1, or null for all rows.");
        foreach (var (option, value) in new[] { (nameof(TextColumn), TextColumn), (nameof(LabelColumn), LabelColumn), (nameof(Text2Column), Text2Column) })
            if (string.IsNullOrEmpty(value)) throw new SkTuningException($"{nameof(RowFileOptions)}: {option} is empty, expected the name of a column.");
        if (TextColumn == LabelColumn || TextColumn == Text2Column || LabelColumn == Text2Column)
            throw new SkTuningException($"{nameof(RowFileOptions)}: the columns are '{TextColumn}', '{Text2Column}' and '{LabelColumn}', expected three different names.");
    }
}
