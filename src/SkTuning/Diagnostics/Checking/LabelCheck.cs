using SkTuning.Data;
using SkTuning.Metrics;
using static TorchSharp.torch;

namespace SkTuning.Diagnostics;

/// <summary>
/// A check of the labels of rows, in seconds and without training an adapter. The model reads each row once; heads that were fitted without a part of the rows
/// (<see cref="SemanticHeadOptions"/>) predict that part. From these predictions follow rows that are probably labeled wrong, labels that cannot be
/// distinguished, and the labels that need more rows.
/// </summary>
public sealed record LabelCheck
{
    private const int UsualFolds = 5, MinConfused = 2;
    private const double MinFraction = 0.1;

    /// <summary>Gets the labels.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Gets the number of rows.</summary>
    public required int Rows { get; init; }

    /// <summary>Gets the number of parts into which the rows were divided.</summary>
    public required int Folds { get; init; }

    /// <summary>Gets the fraction of rows whose label was predicted without them, from 0 to 1.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Gets the rows whose labels are probably wrong, the most suspicious first.</summary>
    public required IReadOnlyList<LabelIssue> Issues { get; init; }

    /// <summary>Gets the rows with nearly the same text and different labels, the most similar first.</summary>
    public required IReadOnlyList<LabelConflict> Conflicts { get; init; }

    /// <summary>Gets the pairs of labels that are hard to distinguish, the hardest first.</summary>
    public required IReadOnlyList<ConfusedLabels> Confused { get; init; }

    /// <summary>Gets what more rows of each label would change, the label that would gain most first.</summary>
    public required IReadOnlyList<LabelNeed> Needs { get; init; }

    /// <summary>Returns the numbers of what was found in one line.</summary>
    public override string ToString() => FormattableString.Invariant($"{Rows} rows, {Labels.Count} labels, accuracy {Accuracy:F4} in {Folds} parts: ")
        + $"{Issues.Count} suspicious labels, {Conflicts.Count} conflicts, {Confused.Count} pairs of confused labels";

    /// <summary>All rows, the most suspicious first.</summary>
    internal IReadOnlyList<int> Ranking { get; init; } = [];

    /// <summary>Checks the labels of rows.</summary>
    /// <param name="model">The model.</param>
    /// <param name="rows">The rows, with one label each.</param>
    /// <param name="options">
    /// The texts of the labels (<see cref="AdapterOptions.LabelDescriptions"/>), the template, the maximum number of tokens, the options of the head, the seed
    /// and the number of parts (<see cref="TrainingOptions.Folds"/>, 5 by default). All other options are ignored.
    /// </param>
    /// <param name="cancellationToken">Cancels between batches and fits.</param>
    /// <exception cref="SkTuningException">There are no two labels or different texts, a row has no label or several, or an option cannot be used.</exception>
    public static LabelCheck Of(FrozenModel model, IReadOnlyList<Row> rows, TextClassifierOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(rows);
        options ??= new();
        if (rows.Count == 0) throw new SkTuningException("There are no rows to check.");
        using var call = model.Calls.Begin();
        var labels = LabelSet.Of(rows);
        if (labels.Count < 2)
            throw new SkTuningException($"The rows have {(labels.Count == 0 ? "no label" : $"only one label, '{labels[0]}'")}, expected two or more.");
        return Of(model, rows, labels, labels.IndicesOf(rows), options, cancellationToken);
    }

    private static LabelCheck Of(FrozenModel model, IReadOnlyList<Row> rows, LabelSet labels, int[] truth, TextClassifierOptions options,
        CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var head = options.Head switch
        {
            null => new SemanticHeadOptions(),
            SemanticHeadOptions given => given,
            var other => throw new SkTuningException($"The labels are checked with the head semantic, found the head '{other.Name}'."),
        };
        using var adapter = FrozenStates.Open(model, options with { Head = head, Truncation = Truncation.End }, labels, rows[0].Text2 is not null);
        var folds = Training.Folds.Of(rows.Count, i => EqualTexts.Key(rows[i]), i => rows[i].Group, i => truth[i], options.Training.Folds ?? UsualFolds,
            options.Training.Seed);
        if (folds.Count < 2) throw new SkTuningException("All rows have the same text, or there is one part only: expected two parts or more.");
        var states = FrozenStates.Read(adapter, rows, cancellationToken).to_type(ScalarType.Float64);
        var descriptions = adapter.Definition.LabelDescriptions!;
        var texts = FrozenStates.Read(adapter, [.. descriptions.SelectMany(t => t).Select(t => new Row(t, ""))], cancellationToken)
            .to_type(ScalarType.Float64).split([.. descriptions.Select(t => (long)t.Length)]);
        var outOfFold = new OutOfFold(new(model.Config.Causal, texts, head), states, truth, folds, options.Training.Seed);
        double[][][] curve = [.. LearningCurves.Fractions.Select(fraction => outOfFold.Probabilities(fraction, cancellationToken))];
        var features = FrozenStates.Map(model, states).Map(states).to_type(ScalarType.Float32);
        return new Findings(rows, labels, truth, curve, descriptions).Check(folds.Count, SimilarRows.Of(rows, truth, features, cancellationToken));
    }

    /// <summary>What follows from the predictions.</summary>
    private sealed class Findings(IReadOnlyList<Row> rows, LabelSet labels, int[] truth, double[][][] curve, string[][] descriptions)
    {
        private readonly double[][] _probabilities = curve[^1];

        public LabelCheck Check(int folds, IReadOnlyList<LabelConflict> conflicts)
        {
            int[] predicted = [.. _probabilities.Select(p => Array.IndexOf(p, p.Max()))];
            var thresholds = ConfidentLearning.Thresholds(truth, _probabilities);
            int[] ranking = [.. Enumerable.Range(0, rows.Count).OrderBy(i => _probabilities[i][truth[i]])];
            return new()
            {
                Labels = labels,
                Rows = rows.Count,
                Folds = folds,
                Accuracy = ClassificationMetrics.Accuracy(truth, predicted),
                Ranking = ranking,
                Issues = [.. ranking.Select(i => (Row: i, Label: ConfidentLearning.Suggested(_probabilities[i], truth[i], thresholds)))
                    .Where(f => f.Label >= 0).Select(f => Issue(f.Row, f.Label))],
                Conflicts = conflicts,
                Confused = [.. Pairs(ClassificationReport.Of(labels, truth, predicted)).OrderByDescending(p => p.Fraction).ThenByDescending(p => p.Rows)],
                Needs = [.. Needs().OrderByDescending(n => n.Gain)],
            };
        }

        private LabelIssue Issue(int row, int label)
            => new(row, rows[row], labels[label], _probabilities[row][truth[row]], _probabilities[row][label]);

        private IEnumerable<ConfusedLabels> Pairs(ClassificationReport report)
        {
            for (var a = 0; a < labels.Count; a++)
            {
                for (var b = a + 1; b < labels.Count; b++)
                {
                    var wrong = report.Confusion(a, b) + report.Confusion(b, a);
                    var fraction = wrong / (double)(wrong + report.Confusion(a, a) + report.Confusion(b, b));
                    if (wrong >= MinConfused && fraction >= MinFraction)
                        yield return new(labels[a], labels[b], wrong, fraction, descriptions[a], descriptions[b]);
                }
            }
        }

        private IEnumerable<LabelNeed> Needs()
        {
            var errors = curve.Select(p => LearningCurves.Errors(truth, p)).ToArray();
            var more = Math.Max(1, (int)Math.Round((double)rows.Count / labels.Count));
            for (var c = 0; c < labels.Count; c++)
            {
                double[] own = [.. errors.Select(e => e[c])];
                var count = truth.Count(t => t == c);
                yield return new(labels[c], count, own, more, LearningCurves.Error(count, more, own[^1], LearningCurves.Exponent(count, own)));
            }
        }
    }
}
