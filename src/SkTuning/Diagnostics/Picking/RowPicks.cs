using SkTuning.Batches;
using SkTuning.Clusters;
using SkTuning.Data;
using SkTuning.Metrics;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Diagnostics;

/// <summary>
/// The rows to label next. Without an adapter, they are typical of groups of similar texts that have no labeled row yet; with one, they are those that it is
/// most uncertain about, from different groups. The result depends only on the rows, the model and the options. Rows are read one by one, and no more than
/// <see cref="RowPickOptions.MaxCandidates"/> are kept, so the rows can be larger than memory.
/// </summary>
public sealed class RowPicks
{
    private RowPicks(Candidates candidates, IReadOnlyList<PickedRow> rows) => (RowsRead, Candidates, Rows) = (candidates.RowsRead, candidates.Rows.Count, rows);

    /// <summary>Gets the chosen rows, the most useful first. There may be fewer than asked for if there are fewer texts.</summary>
    public IReadOnlyList<PickedRow> Rows { get; }

    /// <summary>Gets the number of rows that were read.</summary>
    public long RowsRead { get; }

    /// <summary>Gets the number of rows that were considered: those with different texts that are not labeled, or a random sample of them.</summary>
    public int Candidates { get; }

    /// <summary>Chooses rows before there is an adapter, by the states of the frozen model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="rows">The rows to choose from; their labels are ignored.</param>
    /// <param name="options">The number of rows and other options.</param>
    /// <param name="cancellationToken">Cancels between rows and batches.</param>
    /// <exception cref="SkTuningException">There are no rows, a row cannot be read, or an option is out of its range.</exception>
    public static RowPicks Of(FrozenModel model, IEnumerable<Row> rows, RowPickOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        using var call = model.Calls.Begin();
        var random = new Shuffler(options.Seed);
        var candidates = Diagnostics.Candidates.Of(rows, options, random, cancellationToken);
        var labeled = Diagnostics.Candidates.Sample(options.Labeled, options.MaxCandidates, random);
        var points = Features(model, [.. candidates.Rows.Select(c => c.Item), .. labeled], cancellationToken);
        var chosen = TypicalRows.Of(points, candidates.Rows.Count, options.Count, random, cancellationToken);
        return new(candidates, [.. chosen.Select(c => new PickedRow(candidates.Rows[c.Index].Number, candidates.Rows[c.Index].Item, c.Score, c.Size, Why(c)))]);
    }

    /// <summary>Chooses rows that an adapter is uncertain about.</summary>
    /// <param name="classifier">The adapter.</param>
    /// <param name="rows">The rows to choose from; their labels are ignored.</param>
    /// <param name="options">The number of rows and other options.</param>
    /// <param name="cancellationToken">Cancels between rows and batches.</param>
    /// <exception cref="SkTuningException">There are no rows, a row cannot be read, or an option is out of its range.</exception>
    public static RowPicks Of(TextClassifier classifier, IEnumerable<Row> rows, RowPickOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(classifier);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        using var call = classifier.BeginCall();
        var random = new Shuffler(options.Seed);
        var candidates = Diagnostics.Candidates.Of(rows, options, random, cancellationToken);
        Row[] texts = [.. candidates.Rows.Select(c => c.Item)];
        if (classifier.ReadsPairs && texts[0].Text2 is null) throw new SkTuningException("The rows have one text each, but the adapter reads pairs.");
        var (points, probabilities) = Predictions(classifier, texts, cancellationToken);
        double[] uncertainty = [.. probabilities.Select(p => options.Measure == UncertaintyMeasure.Margin ? Uncertainty.Margin(p) : Uncertainty.Entropy(p))];
        var chosen = UncertainRows.Of(points, uncertainty, options.Count, random, cancellationToken);
        return new(candidates, [.. chosen.Select(c => new PickedRow(candidates.Rows[c.Index].Number, texts[c.Index], uncertainty[c.Index], c.Size,
            Why(classifier.Labels, probabilities[c.Index], c.Size)))]);
    }

    /// <summary>Returns the features of rows as the frozen model reads them.</summary>
    internal static Vectors Features(FrozenModel model, IReadOnlyList<Row> rows, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        // The labels have no influence on the states.
        using var adapter = FrozenStates.Open(model, new(), ["a", "b"], rows[0].Text2 is not null);
        var states = FrozenStates.Read(adapter, rows, cancellationToken);
        return ToVectors(FrozenStates.Map(model, states).Map(states));
    }

    /// <summary>Returns the features and the probabilities of rows as an adapter reads them. The model reads each row once.</summary>
    private static (Vectors Features, double[][] Probabilities) Predictions(TextClassifier classifier, IReadOnlyList<Row> rows,
        CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var (adapter, labels) = (classifier.Adapter, classifier.Labels.Count);
        var results = FrozenStates.Read(adapter, rows, Pass, cancellationToken);
        var scores = results.narrow(1, results.shape[1] - labels, labels).to_type(ScalarType.Float64) / classifier.Decision.Temperature.Kept();
        var probabilities = scores.softmax(1).contiguous().data<double>().ToArray().Chunk(labels).ToArray();
        return (ToVectors(results.narrow(1, 0, results.shape[1] - labels)), probabilities);

        // Heads whose features cannot be compared are represented by their answers.
        Tensor Pass(TokenBatch batch)
        {
            using var inner = NewDisposeScope();
            var states = adapter.Tuned.BakedFeatures(batch);
            var answers = adapter.Tuned.Readout(states);
            var features = adapter.Tuned.Head.Map(adapter.Tuned.Parameters, states)?.Map(states) ?? answers.softmax(1);
            return cat([features.to_type(answers.dtype), answers], 1).MoveToOuterDisposeScope();
        }
    }

    private static Vectors ToVectors(Tensor values) => new(values.contiguous().data<float>().ToArray(), (int)values.shape[1]);

    private static string Why(TypicalRows.Choice choice) => (choice.Size, choice.Labeled) switch
    {
        (1, 0) => "unlike all other rows",
        (1, _) => "similar to labeled rows only",
        (_, 0) => $"the most typical of {choice.Size} similar rows, none of which is labeled",
        (_, 1) => $"typical of {choice.Size} similar rows, one of which is labeled or chosen",
        _ => $"typical of {choice.Size} similar rows, {choice.Labeled} of which are labeled or chosen",
    };

    private static string Why(LabelSet labels, double[] probabilities, int size)
    {
        var order = Enumerable.Range(0, probabilities.Length).OrderByDescending(c => probabilities[c]).Take(2).ToArray();
        var likely = string.Join(", ", order.Select(c => FormattableString.Invariant($"{labels[c]} {100 * probabilities[c]:F0} %")));
        return size == 1 ? likely : $"{likely}; the most uncertain of {size} similar rows";
    }
}
