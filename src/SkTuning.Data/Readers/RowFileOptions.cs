namespace SkTuning;

/// <summary>Which columns of a file hold the rows, what a label looks like, and how many rows to read.</summary>
public sealed record RowFileOptions
{
    /// <summary>Name of the column (JSONL: of the key) that holds the text. Default: text. Upper and lower case are different names.</summary>
    public string TextColumn { get; init; } = "text";

    /// <summary>Name of the column that holds the label, or the labels. Default: label.</summary>
    public string LabelColumn { get; init; } = "label";

    /// <summary>Name of the column that holds the second text of a pair; read where the file has it. Default: text2.</summary>
    public string Text2Column { get; init; } = "text2";

    /// <summary>Name of the column that says what a row belongs to (a customer, a document), for splits that keep a group together. Default: null, none.</summary>
    public string? GroupColumn { get; init; }

    /// <summary>
    /// What stands between the labels of a row, where rows have several: <c>|</c> reads <c>urgent|billing</c> as two labels and an empty field as none. Default: null,
    /// a field is one label. Arrays of JSONL and lists of Parquet are several labels without it.
    /// </summary>
    public string? LabelSeparator { get; init; }

    /// <summary>The name of every label that the file writes in another way: "0" to "negative". A label that is not in it is an error. Default: null, as written.</summary>
    public IReadOnlyDictionary<string, string>? LabelMap { get; init; }

    /// <summary>At most this many rows, from the start of the file; at least 1. Default: null, all of them.</summary>
    public int? Limit { get; init; }

    /// <summary>
    /// TSV and CSV: whether the first line names the columns. Default: true. Without names the columns are taken by their order: text, label; or text,
    /// second text, label.
    /// </summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>
    /// What to do with a row that cannot be read. Default: null, reading stops with a <see cref="SkTuningException"/>; otherwise this is called, and reading
    /// goes on with the next row; <see cref="BadRowWriter"/> writes them to a file. What makes the rest of a file unreadable (a missing column, a record without
    /// an end, in CSV also bytes that are not UTF-8, in Parquet a damaged page) stops it in either case.
    /// </summary>
    public Action<BadRow>? OnBadRow { get; init; }

    internal void Validate()
    {
        if (Limit is < 1) throw new SkTuningException($"{nameof(RowFileOptions)}: {nameof(Limit)} is {Limit}, expected at least 1, or null for all rows.");
        foreach (var (option, value) in new[] { (nameof(TextColumn), TextColumn), (nameof(LabelColumn), LabelColumn), (nameof(Text2Column), Text2Column), (nameof(GroupColumn), GroupColumn ?? "-"), (nameof(LabelSeparator), LabelSeparator ?? "-") })
            if (string.IsNullOrEmpty(value)) throw new SkTuningException($"{nameof(RowFileOptions)}: {option} is empty, expected {(option == nameof(LabelSeparator) ? "what stands between labels, such as |" : "the name of a column")}.");
        if (TextColumn == LabelColumn || TextColumn == Text2Column || LabelColumn == Text2Column)
            throw new SkTuningException($"{nameof(RowFileOptions)}: the columns are '{TextColumn}', '{Text2Column}' and '{LabelColumn}', expected three different names.");
        if (GroupColumn is not null && !HasHeader) throw new SkTuningException($"{nameof(RowFileOptions)}: {nameof(GroupColumn)} is '{GroupColumn}' for a file without a header, expected one that names its columns.");
        if (LabelMap is { Count: 0 }) throw new SkTuningException($"{nameof(RowFileOptions)}: {nameof(LabelMap)} is empty, expected the name of every label, or null to take them as written.");
        if (LabelMap?.FirstOrDefault(m => string.IsNullOrWhiteSpace(m.Value)) is { Key: { } blank }) throw new SkTuningException($"{nameof(RowFileOptions)}: {nameof(LabelMap)} gives '{blank}' a blank name, expected one with a visible character.");
    }
}
