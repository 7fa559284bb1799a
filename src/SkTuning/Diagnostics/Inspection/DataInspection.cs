using System.Runtime.InteropServices;
using SkTuning.Training;

namespace SkTuning.Diagnostics;

/// <summary>
/// What to know of rows before training on them: labels, lengths, what the tokenizer does not know, empty texts, duplicates, labels that contradict each other, and rows that
/// stand in the test too. Rows are read once and not kept, so a stream larger than memory will do.
/// </summary>
public sealed class DataInspection
{
    private DataInspection(string name) => Name = name;

    /// <summary>Looks at rows.</summary>
    /// <param name="name">What they are called: the file, or "train".</param>
    /// <param name="rows">The rows.</param>
    /// <param name="options">The tokenizer, and what to compare with.</param>
    /// <exception cref="SkTuningException">A row cannot be read, or two parts have one name.</exception>
    public static DataInspection Of(string name, IEnumerable<Row> rows, DataInspectionOptions? options = null)
    {
        options ??= new();
        if (options.MaxTokens is < 1) throw new SkTuningException($"{nameof(DataInspectionOptions)}: {nameof(options.MaxTokens)} is {options.MaxTokens}, expected at least 1.");
        var inspection = new DataInspection(name);
        var labels = new Dictionary<string, long>(StringComparer.Ordinal);
        var finder = new DuplicateFinder();
        var counter = options.Tokenizer is { } tokenizer ? new TokenCounter(tokenizer, options.MaxTokens) : null;
        finder.Start(name);
        foreach (var row in rows)
        {
            inspection.Take(row);
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
        inspection.Labels = labels.OrderByDescending(l => l.Value).ThenBy(l => l.Key, StringComparer.Ordinal).Select(l => new NamedCount(l.Key, l.Value)).ToList();
        inspection.Tokens = counter?.Statistics();
        inspection.Duplicates = finder.Report();
        return inspection;
    }

    private readonly List<RowPlace> _empty = [];
    private readonly List<NamedCount> _against = [];

    /// <summary>What the rows are called.</summary>
    public string Name { get; }

    /// <summary>The number of rows.</summary>
    public long Rows { get; private set; }

    /// <summary>How many of them are pairs.</summary>
    public long Pairs { get; private set; }

    /// <summary>How many have several labels.</summary>
    public long RowsWithSeveralLabels { get; private set; }

    /// <summary>How many have none.</summary>
    public long RowsWithoutLabel { get; private set; }

    /// <summary>Labels and their rows, the most frequent first.</summary>
    public IReadOnlyList<NamedCount> Labels { get; private set; } = [];

    /// <summary>Rows whose text, or second text, is empty or white space.</summary>
    public IReadOnlyList<RowPlace> EmptyTexts => _empty;

    /// <summary>Lengths and unknown tokens; null without a tokenizer.</summary>
    public TokenStatistics? Tokens { get; private set; }

    /// <summary>Duplicates within the rows, and between them and the other parts.</summary>
    public LeakReport Duplicates { get; private set; } = null!;

    /// <summary>The other parts and the number of their rows, as (name, rows).</summary>
    public IReadOnlyList<NamedCount> Against => _against;

    private void Take(Row row)
    {
        Rows++;
        if (row.Text2 is not null) Pairs++;
        if (row.Labels.Count > 1) RowsWithSeveralLabels++;
        if (row.Labels.Count == 0) RowsWithoutLabel++;
        if (string.IsNullOrWhiteSpace(row.Text) || row.Text2 is not null && string.IsNullOrWhiteSpace(row.Text2)) _empty.Add(new(Name, Rows, row.Line));
    }
}
