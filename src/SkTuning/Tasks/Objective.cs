using System.Text.Json;
using SkTuning.Batches;
using static TorchSharp.torch;

namespace SkTuning.Tasks;

/// <summary>
/// What a task minimizes: its targets, its loss, and the metrics that measure it. M is the number of answers: one per row, or one per chosen token.
/// </summary>
internal abstract class Objective
{
    /// <summary>The name of the task, for messages.</summary>
    public abstract string Task { get; }

    /// <summary>The metrics that can choose the best epoch. The first is the default, and the last is the loss.</summary>
    public abstract IReadOnlyList<Metric> Metrics { get; }

    /// <summary>Returns the targets of the rows, [M] or [M,C].</summary>
    public abstract Tensor Targets(IReadOnlyList<EncodedRow> rows, Device device);

    /// <summary>Returns the mean loss of scores [M,C].</summary>
    public abstract Tensor Loss(Tensor outputs, Tensor targets);

    /// <summary>Returns the loss without what only training adds (label smoothing, class weights).</summary>
    public virtual Tensor PlainLoss(Tensor outputs, Tensor targets) => Loss(outputs, targets);

    /// <summary>Returns what a ridge head is fitted to, in the caller's scope; null if the task cannot have one.</summary>
    public virtual RidgeTargets? Ridge(IReadOnlyList<EncodedRow> rows) => null;

    /// <summary>
    /// Returns the loss of knowing nothing, which is that of scores that are all zero: the logarithm of the number of labels or tags, of 2 for several labels,
    /// and the mean squared distance of the numbers from those that the adapter is scaled to.
    /// </summary>
    /// <param name="rows">The rows, one or more.</param>
    public abstract double ZeroLoss(IReadOnlyList<EncodedRow> rows);

    /// <summary>True if the answer is the class with the highest score.</summary>
    public virtual bool AnswersHighest => true;

    /// <summary>Refuses a metric that has no value for rows, whatever is predicted.</summary>
    /// <exception cref="SkTuningException">The metric is not defined.</exception>
    public virtual void CheckMetric(string metric, IReadOnlyList<EncodedRow> dev) { }

    /// <summary>True if each row has exactly one right label, so that a row and a label either match or do not.</summary>
    public virtual bool HasPairs => false;

    /// <summary>
    /// Returns the mean loss of pairs of a row and a label (binary cross-entropy): first every row with its own label, then every row with another one. A row's
    /// pairs have the row's weight.
    /// </summary>
    /// <param name="scores">[2B].</param>
    /// <param name="matches">1 for the first half, 0 for the second, [2B].</param>
    /// <param name="targets">The rows' own labels, [B].</param>
    public virtual Tensor PairLoss(Tensor scores, Tensor matches, Tensor targets)
        => throw new SkTuningException($"The task {Task} has no pairs of a row and a label.");

    /// <summary>Returns the weight of rows in the mean of <see cref="Loss"/>: the number of their answers, or the sum of the answers' weights.</summary>
    public virtual double Weight(IReadOnlyList<EncodedRow> rows) => rows.Sum(r => r.Answers);

    /// <summary>Returns the same objective with a weight for each class.</summary>
    /// <exception cref="SkTuningException">An answer of this task is not exactly one class.</exception>
    public virtual Objective Weighted(double[] classWeights)
        => throw new SkTuningException("TrainingOptions.ClassWeights and TrainingOptions.BalanceClasses need a task in which each answer is one label, "
            + $"found the task {Task}.");

    /// <summary>Computes one of <see cref="Metrics"/> (except the loss) over all rows, from scores [M,C] on the CPU.</summary>
    public abstract double Score(string metric, Tensor outputs, IReadOnlyList<EncodedRow> rows);

    /// <summary>
    /// Prepares to write predictions: the result writes the properties of one row's answer, given the index of the row's first answer among the outputs.
    /// </summary>
    /// <param name="labels">The names of the scores.</param>
    /// <param name="outputs">Scores [M,C] on the CPU.</param>
    public abstract Action<Utf8JsonWriter, EncodedRow, int> PredictionWriter(LabelSet labels, Tensor outputs);

    /// <summary>Returns the metric with a name, or the default metric if there is no name.</summary>
    /// <exception cref="SkTuningException">The task has no such metric.</exception>
    public Metric FindMetric(string? name)
    {
        if (name is null) return Metrics[0];
        var names = string.Join(", ", Metrics.Select(m => m.Name));
        return Metrics.FirstOrDefault(m => m.Name == name)
            ?? throw new SkTuningException($"TrainingOptions.Metric is '{name}', expected one of {names} for the task {Task}."
                + NameSuggestion.For(name, Metrics.Select(m => m.Name)));
    }

    /// <summary>Writes the scores of all labels under the key <c>scores</c>.</summary>
    protected static void WriteScores(Utf8JsonWriter json, LabelSet labels, double[] scores)
    {
        json.WriteStartObject("scores");
        for (var c = 0; c < scores.Length; c++) json.WriteNumber(labels[c], scores[c]);
        json.WriteEndObject();
    }

    /// <summary>Writes an array of names.</summary>
    protected static void WriteNames(Utf8JsonWriter json, string key, IEnumerable<string> names)
    {
        json.WriteStartArray(key);
        foreach (var name in names) json.WriteStringValue(name);
        json.WriteEndArray();
    }
}
