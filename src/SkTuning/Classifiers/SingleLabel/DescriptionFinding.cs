using SkTuning.Prompts;
using SkTuning.Training;
using LabelTexts = System.Collections.Generic.IReadOnlyDictionary<string, System.Collections.Generic.IReadOnlyList<string>>;

namespace SkTuning.Classifiers.SingleLabel;

/// <summary>Tries texts of the labels for a classifier before it is trained.</summary>
internal static class DescriptionFinding
{
    private static readonly SearchKind<LabelTexts> Kind = new("set of label texts", "sets of label texts", (written, best)
        => PromptText.Describe(null, best.Where(b => !b.Value.SequenceEqual(written[b.Key]))));

    public static TextSearchReport<LabelTexts> Run(SharedWork shared, IReadOnlyList<Row> rows, TextClassifierOptions options, DescriptionSearchOptions search,
        CancellationToken cancellationToken)
    {
        var setup = new SearchSetup(shared, rows, options, search);
        var head = setup.Head;
        if (!head.IsFittedExactly || !head.ReadsDescriptions || head.IgnoresDescriptions)
        {
            throw new SkTuningException($"The head {head.Name} is not fitted to the texts of the labels, which a search for them needs: "
                + "use the head semantic.");
        }
        var start = setup.Define(setup.Options);
        var written = start.Labels.Zip(start.LabelDescriptions!).ToDictionary(l => l.First, l => (IReadOnlyList<string>)l.Second, StringComparer.Ordinal);
        var pool = Pool(setup, search, written);
        var measured = Measured(setup, pool.Values.SelectMany(t => t));
        using var margins = new DescriptionMargins(d => setup.Open(d, cancellationToken), setup.Margins);
        var searcher = new TextSearcher<LabelTexts>(search, new DescriptionSpace(pool), Margins);
        searcher.Run(written);
        return Kind.Report(searcher.Tried);

        double[]? Margins(LabelTexts texts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var definition = ReferenceEquals(texts, written) ? start : setup.Candidate(setup.Options with { LabelDescriptions = texts });
            if (definition is null) return null;
            var all = margins.Of(definition, cancellationToken);
            return [.. measured.Select(i => all[i])];
        }
    }

    /// <summary>Returns the texts that each label can have: the written ones, its name, those of the options, and those of some of its rows.</summary>
    private static LabelTexts Pool(SearchSetup setup, DescriptionSearchOptions search, LabelTexts written)
    {
        var labels = setup.Labels;
        setup.RequireLabels(search.Texts?.Keys, $"{nameof(DescriptionSearchOptions)}.{nameof(DescriptionSearchOptions.Texts)}");
        // The text of a pair says little without the other one.
        var shown = setup.HavePairs || search.RowsPerLabel == 0 ? []
            : Demonstrations.Choose(labels.IndicesOf(setup.Train, "the training rows"), search.RowsPerLabel, search.Seed).Select(i => setup.Train[i])
                .Where(r => !string.IsNullOrWhiteSpace(r.Text)).ToArray();
        return labels.ToDictionary(l => l, l => (IReadOnlyList<string>)[.. ((IEnumerable<string>)
            [.. written[l], AdapterPlan.NameOf(l), .. search.Texts?.GetValueOrDefault(l) ?? [], .. shown.Where(r => r.Label == l).Select(r => r.Text)])
            .Distinct(StringComparer.Ordinal)], StringComparer.Ordinal);
    }

    /// <summary>Returns the indices of the rows that candidates are measured on. A text that is a row says too much about that row.</summary>
    private static int[] Measured(SearchSetup setup, IEnumerable<string> texts)
    {
        var (rows, known) = (setup.Dev.Count > 0 ? setup.Dev : setup.Train, texts.ToHashSet(StringComparer.Ordinal));
        int[] measured = [.. Enumerable.Range(0, rows.Count).Where(i => !known.Contains(rows[i].Text))];
        return measured.Length > 0 ? measured
            : throw new SkTuningException($"Each of the {rows.Count} rows to try label texts on is such a text itself "
                + $"({nameof(DescriptionSearchOptions)}.{nameof(DescriptionSearchOptions.RowsPerLabel)}): expected other rows. Lower the number, or add rows.");
    }
}
