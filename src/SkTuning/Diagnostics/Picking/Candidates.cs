using SkTuning.Data;

namespace SkTuning.Diagnostics;

/// <summary>The rows of a stream from which some are chosen: all of them, or as many as fit into memory, drawn at random.</summary>
internal sealed record Candidates
{
    /// <summary>Gets the rows with their numbers in the stream, from 1. No two have the same text.</summary>
    public required IReadOnlyList<(long Number, Row Item)> Rows { get; init; }

    /// <summary>Gets the number of rows of the stream.</summary>
    public required long RowsRead { get; init; }

    /// <summary>Draws the candidates. Empty texts and texts that are labeled are none.</summary>
    public static Candidates Of(IEnumerable<Row> rows, RowPickOptions options, Shuffler random, CancellationToken cancellationToken)
    {
        var labeled = options.Labeled.Select(EqualTexts.Key).OfType<UInt128>().ToHashSet();
        var reservoir = new Reservoir<Row>(options.MaxCandidates, random);
        var (number, pairs) = (0L, (bool?)null);
        foreach (var row in rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            number++;
            if (row is null) throw new SkTuningException($"Row {number} is null, expected a row.");
            if ((pairs ??= row.Text2 is not null) != row.Text2 is not null)
            {
                throw new SkTuningException($"Row {number} has {(pairs.Value ? "one text" : "a second text")}, the rows before it have "
                    + $"{(pairs.Value ? "two" : "one")}: expected the same in all rows.");
            }
            if (EqualTexts.Key(row) is { } key && !labeled.Contains(key)) reservoir.Offer(number, row);
        }
        var known = new HashSet<UInt128>();
        var distinct = reservoir.Kept().Where(c => known.Add(EqualTexts.Key(c.Item)!.Value)).ToList();
        if (distinct.Count == 0)
            throw new SkTuningException(number == 0 ? "There are no rows to choose from." : "All rows are empty, or have texts that are labeled already.");
        return new() { Rows = distinct, RowsRead = number };
    }

    /// <summary>Returns labeled rows to compare with: all, or as many as there may be candidates, drawn at random.</summary>
    public static IReadOnlyList<Row> Sample(IReadOnlyList<Row> labeled, int most, Shuffler random)
    {
        if (labeled.Count <= most) return labeled;
        var reservoir = new Reservoir<Row>(most, random);
        foreach (var (i, row) in labeled.Index()) reservoir.Offer(i, row);
        return [.. reservoir.Kept().Select(k => k.Item)];
    }
}
