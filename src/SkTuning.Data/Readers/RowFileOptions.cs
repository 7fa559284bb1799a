namespace SkTuning;

/// <summary>Options for reading rows: the columns of the file, the form of labels, and the number of rows.</summary>
public sealed record RowFileOptions
{
    /// <summary>The name of the column (in JSONL, the key) that contains the text. Names are case-sensitive. The default is <c>text</c>.</summary>
    public string TextColumn { get; init; } = "text";

    /// <summary>The name of the column that contains the label or labels. The default is <c>label</c>.</summary>
    public string LabelColumn { get; init; } = "label";

    /// <summary>The name of the column that contains the second text of a pair; read if the file has this column. The default is <c>text2</c>.</summary>
    public string Text2Column { get; init; } = "text2";

    /// <summary>
    /// The name of the column with the group that a row belongs to (a customer, a document), for splits that keep groups together. The default is null:
    /// rows have no groups.
    /// </summary>
    public string? GroupColumn { get; init; }

    /// <summary>
    /// The separator of labels, for rows with several: with <c>|</c>, the field <c>urgent|billing</c> is two labels and an empty field none. The default is
    /// null: each field is one label. JSONL arrays and Parquet lists need no separator.
    /// </summary>
    public string? LabelSeparator { get; init; }

    /// <summary>
    /// The labels to use instead of those in the file, such as "negative" for "0". A label without an entry is an error. The default is null: labels as
    /// written.
    /// </summary>
    public IReadOnlyDictionary<string, string>? LabelMap { get; init; }

    /// <summary>
    /// Whether labels are numbers, as for regression: a row whose label is not a finite number cannot be read. The default is false: any text is a label.
    /// </summary>
    public bool HasNumericLabels { get; init; }

    /// <summary>
    /// CSV: the character between fields, such as <c>,</c> or <c>;</c>. The default is null: whichever of comma, semicolon, tab, and <c>|</c> gives the first
    /// line the columns that are read.
    /// </summary>
    public char? FieldSeparator { get; init; }

    /// <summary>
    /// Units (<c>.units</c>): whether a run of the same unit is read as one unit, as in generative spoken language models. Read training rows and the rows to
    /// predict in the same way. The default is false.
    /// </summary>
    public bool CollapseRepeats { get; init; }

    /// <summary>The maximum number of rows to read from the start of the file, at least 1. The default is null: all rows.</summary>
    public int? Limit { get; init; }

    /// <summary>
    /// TSV and CSV: whether the first line names the columns. The default is true. Without names, columns are identified by position: text, label; or text,
    /// second text, label.
    /// </summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>
    /// The action to call for a row that cannot be read; reading then continues with the next row. <see cref="BadRowWriter"/> writes such rows to a file. The
    /// default is null: reading stops with an <see cref="SkTuningException"/>. An error that makes the rest of the file unreadable (a missing column, a
    /// record without an end, in CSV also bytes that are not UTF-8, in Parquet a damaged page) always stops reading.
    /// </summary>
    public Action<BadRow>? OnBadRow { get; init; }

    /// <summary>The names of options in messages, by property, where they are not those of the properties: a command line has its own.</summary>
    internal IReadOnlyDictionary<string, string>? OptionNames { get; init; }

    /// <summary>Returns the name of an option for a message; null if the user cannot set it.</summary>
    internal string? NameOf(string property) => OptionNames is null ? property : OptionNames.GetValueOrDefault(property);

    internal void Validate()
    {
        if (Limit is < 1) throw Bad($"{NameOf(nameof(Limit))} is {Limit}, expected at least 1.");
        if (FieldSeparator is '"' or '\r' or '\n' || FieldSeparator is { } separator && char.IsLetterOrDigit(separator))
            throw Bad($"{NameOf(nameof(FieldSeparator))} is '{FieldSeparator}', expected a character such as a comma, a semicolon, or a tab.");
        NotEmpty(nameof(TextColumn), TextColumn);
        NotEmpty(nameof(LabelColumn), LabelColumn);
        NotEmpty(nameof(Text2Column), Text2Column);
        if (GroupColumn is not null) NotEmpty(nameof(GroupColumn), GroupColumn);
        if (LabelSeparator is { Length: 0 }) throw Bad($"{NameOf(nameof(LabelSeparator))} is empty, expected a separator such as |.");
        if (TextColumn == LabelColumn || TextColumn == Text2Column || LabelColumn == Text2Column)
            throw Bad($"the columns are '{TextColumn}', '{Text2Column}' and '{LabelColumn}', expected three different names.");
        if (GroupColumn is not null && !HasHeader)
            throw Bad($"{NameOf(nameof(GroupColumn))} is '{GroupColumn}' for a file without a header, expected a file with a header.");
        if (LabelMap is { Count: 0 }) throw Bad($"{NameOf(nameof(LabelMap))} is empty, expected an entry for every label, or null to use labels as written.");
        if (LabelMap?.FirstOrDefault(m => string.IsNullOrWhiteSpace(m.Value)) is { Key: { } blank })
            throw Bad($"{NameOf(nameof(LabelMap))} maps '{blank}' to a blank label, expected a label with a visible character.");

        void NotEmpty(string option, string name)
        {
            if (string.IsNullOrEmpty(name)) throw Bad($"{NameOf(option)} is empty, expected the name of a column.");
        }

        SkTuningException Bad(string message) => new(OptionNames is null ? $"{nameof(RowFileOptions)}: {message}" : message);
    }
}
