using System.Runtime.InteropServices;
using SkTuning.Data;

namespace SkTuning.Diagnostics;

/// <summary>
/// Facts about rows to check before training: labels, lengths, words that the tokenizer does not know, empty texts, duplicates, contradicting labels, and rows
/// that also occur in the test data. Rows are read once and not kept, so the data can be larger than memory.
/// </summary>
public sealed class DataInspection
{
    private DataInspection(string name) => Name = name;

    /// <summary>Inspects rows.</summary>
    /// <param name="name">A name for the rows, such as the file or "train".</param>
    /// <param name="rows">The rows.</param>
    /// <param name="options">The tokenizer and other parts of the data to compare with.</param>
    /// <exception cref="SkTuningException">A row cannot be read, or two parts have the same name.</exception>
    public static DataInspection Of(string name, IEnumerable<Row> rows, DataInspectionOptions? options = null)
    {
        options ??= new();
        if (options.MaxTokens is < 1)
            throw new SkTuningException($"{nameof(DataInspectionOptions)}: {nameof(options.MaxTokens)} is {options.MaxTokens}, expected at least 1.");
        var inspection = new DataInspection(name);
        var labels = new Dictionary<string, long>(StringComparer.Ordinal);
        var finder = new DuplicateFinder();
        var counter = options.Tokenizer is { } tokenizer ? new TokenCounter(tokenizer, options.MaxTokens) : null;
        finder.Start(name);
        foreach (var row in rows)
        {
            inspection.Count(row);
            foreach (var label in row.Labels) CollectionsMarshal.GetValueRefOrAddDefault(labels, label, out _)++;
            finder.Add(row);
            counter?.Add(row);
        }
        foreach (var (other, others) in options.Against)
        {
            finder.Start(other);
            var count = 0L;
            foreach (var row in others)
            {
                count++;
                finder.Add(row);
            }
            inspection._against.Add(new(other, count));
        }
        inspection.Labels = labels.OrderByDescending(l => l.Value).ThenBy(l => l.Key, StringComparer.Ordinal)
            .Select(l => new NamedCount(l.Key, l.Value)).ToList();
        inspection.LabelVariants = LabelNames.Variants(labels.Keys);
        inspection.Tokens = counter?.Statistics();
        inspection.Duplicates = finder.Report();
        return inspection;
    }

    private readonly List<RowPlace> _empty = [];
    private readonly List<NamedCount> _against = [];

    /// <summary>Gets the name of the rows.</summary>
    public string Name { get; }

    /// <summary>Gets the number of rows.</summary>
    public long Rows { get; private set; }

    /// <summary>Gets the number of rows with a second text.</summary>
    public long Pairs { get; private set; }

    /// <summary>Gets the number of rows with several labels.</summary>
    public long RowsWithSeveralLabels { get; private set; }

    /// <summary>Gets the number of rows without a label.</summary>
    public long RowsWithoutLabel { get; private set; }

    /// <summary>Gets the labels and their numbers of rows, the most frequent first.</summary>
    public IReadOnlyList<NamedCount> Labels { get; private set; } = [];

    /// <summary>
    /// Gets the groups of labels that differ only in case, surrounding white space, or Unicode form. Each is usually one label that is written in several ways.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<string>> LabelVariants { get; private set; } = [];

    /// <summary>Gets the rows whose text or second text is empty or white space.</summary>
    public IReadOnlyList<RowPlace> EmptyTexts => _empty;

    /// <summary>Gets statistics of lengths and unknown tokens, or null if no tokenizer was given.</summary>
    public TokenStatistics? Tokens { get; private set; }

    /// <summary>Gets the duplicates within the rows, and between the rows and the other parts.</summary>
    public LeakReport Duplicates { get; private set; } = null!;

    /// <summary>Gets the names and numbers of rows of the other parts.</summary>
    public IReadOnlyList<NamedCount> Against => _against;

    private void Count(Row row)
    {
        Rows++;
        if (row.Text2 is not null) Pairs++;
        if (row.Labels.Count > 1) RowsWithSeveralLabels++;
        if (row.Labels.Count == 0) RowsWithoutLabel++;
        if (string.IsNullOrWhiteSpace(row.Text) || row.Text2 is not null && string.IsNullOrWhiteSpace(row.Text2))
            _empty.Add(new(Name, Rows, row.Line));
    }
}
