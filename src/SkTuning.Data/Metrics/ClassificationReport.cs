using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using SkTuning.Metrics;

namespace SkTuning;

/// <summary>
/// The usual metrics of a classifier, computed from true and predicted labels. Every class counts for the macro mean, even one without rows (as in
/// scikit-learn with all labels given). A precision or recall with denominator 0 is 0.
/// </summary>
public sealed class ClassificationReport : IEvaluationReport
{
    /// <summary>The pairs of a true and a predicted class that occur: with thousands of classes, few of all pairs do.</summary>
    private readonly Dictionary<(int Truth, int Predicted), int> _confusion = [];

    private ClassificationReport(IReadOnlyList<string> labels, IReadOnlyList<int> truths, IReadOnlyList<int> predictions)
    {
        Labels = labels;
        var n = labels.Count;
        var (truth, predicted, right) = (new double[n], new double[n], 0.0);
        foreach (var pair in truths.Zip(predictions))
        {
            _confusion[pair] = _confusion.GetValueOrDefault(pair) + 1;
            truth[pair.First]++;
            predicted[pair.Second]++;
            if (pair.First == pair.Second) right++;
        }
        var rows = truth.Sum();
        Rows = (int)rows;
        Accuracy = right / rows;
        PerClass = [.. Enumerable.Range(0, n).Select(c => new ClassScores(labels[c], Scores.Of(Confusion(c, c), predicted[c], truth[c]), (int)truth[c]))];
        var scores = PerClass.Select(c => c.Scores).ToArray();
        Macro = Scores.Mean(scores, _ => 1);
        Weighted = Scores.Mean(scores, c => truth[c]);
        Micro = new(Accuracy, Accuracy, Accuracy);
        double both = 0, trueSquares = 0, predictedSquares = 0;
        for (var c = 0; c < n; c++)
            (both, trueSquares, predictedSquares) =
                (both + truth[c] * predicted[c], trueSquares + truth[c] * truth[c], predictedSquares + predicted[c] * predicted[c]);
        var spread = Math.Sqrt(rows * rows - predictedSquares) * Math.Sqrt(rows * rows - trueSquares);
        MatthewsCorrelation = spread == 0 ? 0 : (right * rows - both) / spread;
        var chance = both / (rows * rows);
        CohenKappa = chance == 1 ? double.NaN : (Accuracy - chance) / (1 - chance);
    }

    /// <summary>Computes the metrics from class indices.</summary>
    /// <param name="labels">The names of the classes.</param>
    /// <param name="truth">The true class of every row, from 0.</param>
    /// <param name="predicted">The predicted class of every row.</param>
    /// <exception cref="SkTuningException">There are no rows, the numbers of rows differ, or an index is out of range.</exception>
    public static ClassificationReport Of(IReadOnlyList<string> labels, IReadOnlyList<int> truth, IReadOnlyList<int> predicted)
    {
        ClassificationMetrics.CheckClasses(truth, predicted, labels.Count);
        return new(labels.ToArray(), truth, predicted);
    }

    /// <summary>Computes the metrics from labels. The classes are the labels that occur in either list, in ordinal order.</summary>
    /// <exception cref="SkTuningException">There are no rows, or the numbers of rows differ.</exception>
    public static ClassificationReport Of(IReadOnlyList<string> truth, IReadOnlyList<string> predicted)
    {
        Check.Rows("Classification report", truth.Count, predicted.Count);
        var labels = new LabelSet(truth.Concat(predicted));
        return Of(labels, truth.Select(labels.IndexOf).ToArray(), predicted.Select(labels.IndexOf).ToArray());
    }

    /// <summary>Gets the labels of the classes, in the order of all lists of this report.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <inheritdoc/>
    public int Rows { get; }

    /// <summary>Gets the fraction of rows whose label was predicted, from 0 to 1.</summary>
    public double Accuracy { get; }

    /// <summary>Gets the accuracy with its 95 % confidence interval by Wilson's method: the range in which other rows of the same kind would put it.</summary>
    public ConfidenceInterval AccuracyInterval => ReportIntervals.Wilson(Accuracy, Rows);

    /// <summary>
    /// Gets the macro F1 with its 95 % confidence interval by the bootstrap: the rows of each class are drawn again with replacement. It is computed when it is
    /// first read. If all rows are right, all draws are the same, and the interval has no width: <see cref="AccuracyInterval"/> says more.
    /// </summary>
    public ConfidenceInterval MacroF1Interval => field ??= ReportIntervals.MacroF1(Labels.Count, _confusion);

    /// <summary>Gets the precision, recall, F1, and number of rows of each class.</summary>
    public IReadOnlyList<ClassScores> PerClass { get; }

    /// <summary>Gets the unweighted mean over classes.</summary>
    public Scores Macro { get; }

    /// <summary>Gets the scores over all decisions together. With one label per row, all three equal the accuracy.</summary>
    public Scores Micro { get; }

    /// <summary>Gets the mean over classes, weighted by their numbers of rows.</summary>
    public Scores Weighted { get; }

    /// <summary>
    /// Gets the Matthews correlation coefficient, from -1 to 1 (Gorodkin's form for several classes); 0 if the true or predicted labels are all the same.
    /// </summary>
    public double MatthewsCorrelation { get; }

    /// <summary>Gets Cohen's kappa, the agreement beyond chance; NaN if all true and predicted labels are the same.</summary>
    public double CohenKappa { get; }

    /// <summary>Gets how often the sets of labels contain the true one; <see langword="null"/> if the classifier makes no sets.</summary>
    public PredictionSetReport? Sets { get; internal set; }

    /// <summary>
    /// Gets how well texts are rejected that belong to none of the labels; <see langword="null"/> if the classifier has no rule for them. The other metrics are
    /// those of the rows in scope, all of them answered.
    /// </summary>
    public RejectionReport? Rejection { get; internal set; }

    /// <summary>Returns the number of rows of class <paramref name="truth"/> that were predicted as class <paramref name="predicted"/>.</summary>
    public int Confusion(int truth, int predicted)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(truth);
        ArgumentOutOfRangeException.ThrowIfNegative(predicted);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(truth, Labels.Count);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(predicted, Labels.Count);
        return _confusion.GetValueOrDefault((truth, predicted));
    }

    /// <inheritdoc/>
    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["rows"] = Rows,
            ["accuracy"] = ReportJson.Number(Accuracy),
            ["accuracyInterval"] = ReportIntervals.Json(AccuracyInterval, "wilson"),
            ["macroF1"] = ReportJson.Number(Macro.F1),
            ["macroF1Interval"] = ReportIntervals.Json(MacroF1Interval, "bootstrap"),
            ["weightedF1"] = ReportJson.Number(Weighted.F1),
            ["matthewsCorrelation"] = ReportJson.Number(MatthewsCorrelation),
            ["perClass"] = ReportJson.PerClass(PerClass),
        };
        if (Sets is { } sets) json["sets"] = sets.ToJson();
        if (Rejection is not null) json["rejection"] = Rejection.ToJson();
        return json;
    }

    /// <summary>Returns a table of the classes and means and, for up to 12 classes, the confusion matrix.</summary>
    public override string ToString()
    {
        var width = Math.Clamp(Labels.Max(l => l.Length), 16, 32);
        var text = new StringBuilder().AppendLine(CultureInfo.InvariantCulture, $"{new string(' ', width)}  precision  recall      f1    rows");
        foreach (var c in PerClass) Line(c.Label, c.Scores, c.Rows);
        text.AppendLine();
        Line("macro mean", Macro, Rows);
        Line("weighted", Weighted, Rows);
        text.AppendLine(CultureInfo.InvariantCulture, $"{"accuracy".PadRight(width)}                    {Accuracy,7:F3} {Rows,7}");
        // Without an error, all draws of the bootstrap are the same: that is no certainty.
        var macro = Accuracy == 1 ? "" : $", macro F1 {Range(MacroF1Interval)} (bootstrap)";
        text.AppendLine(CultureInfo.InvariantCulture, $"{"95 % intervals".PadRight(width)}    accuracy {Range(AccuracyInterval)} (Wilson){macro}");
        text.AppendLine(CultureInfo.InvariantCulture, $"{"MCC, kappa".PadRight(width)}            {MatthewsCorrelation,7:F3} {CohenKappa,7:F3}");
        if (Rejection is not null) text.AppendLine().AppendLine(Rejection.ToString());
        if (Labels.Count <= 12) Matrix();
        if (Sets is { } sets) text.AppendLine().AppendLine(sets.ToString());
        return text.ToString().TrimEnd();

        static string Range(ConfidenceInterval interval) => FormattableString.Invariant($"{interval.Low:F3} to {interval.High:F3}");

        void Line(string name, Scores s, int rows)
            => text.AppendLine(CultureInfo.InvariantCulture, $"{Cut(name, width).PadRight(width)}    {s.Precision,7:F3} {s.Recall,7:F3} {s.F1,7:F3} {rows,7}");

        void Matrix()
        {
            text.AppendLine().AppendLine(CultureInfo.InvariantCulture,
                $"{"true \\ predicted".PadRight(width)}{string.Concat(Labels.Select(l => $" {Cut(l, 9),9}"))}");
            for (var i = 0; i < Labels.Count; i++)
                text.AppendLine(CultureInfo.InvariantCulture,
                    $"{Cut(Labels[i], width).PadRight(width)}{string.Concat(Labels.Select((_, j) => $" {Confusion(i, j),9}"))}");
        }
    }

    private static string Cut(string name, int width) => name.Length <= width ? name : name[..(width - 1)] + "…";
}
