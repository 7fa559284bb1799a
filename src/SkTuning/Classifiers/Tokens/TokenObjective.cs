using System.Text.Json;
using SkTuning.Batches;
using SkTuning.Metrics;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Classifiers.Tokens;

/// <summary>A tag for each word: cross-entropy over all words, and the F1 of whole entities if the tags mark entities.</summary>
/// <param name="tags">The tags.</param>
/// <param name="labelSmoothing">The fraction of each target that all tags share.</param>
/// <param name="classWeights">The weight of each tag in the loss, [C]; null if all are equal.</param>
internal sealed class TokenObjective(LabelSet tags, double labelSmoothing = 0, double[]? classWeights = null)
    : ClassObjective(tags.Count, labelSmoothing, classWeights)
{
    private const string EntityF1 = "entity-f1";

    public override string Task => TokenTask.TaskName;

    public override IReadOnlyList<Metric> Metrics { get; } = EntityTags.MarksEntities(tags)
        ? [new(EntityF1), new("accuracy"), new("macro-f1"), Metric.Loss]
        : [new("accuracy"), new("macro-f1"), new("weighted-f1"), Metric.Loss];

    public override Objective Weighted(double[] weights) => new TokenObjective(tags, LabelSmoothing, weights);

    public override double Score(string metric, Tensor outputs, IReadOnlyList<EncodedRow> rows)
    {
        var predicted = Best(outputs);
        if (metric == EntityF1) return EntityScore(rows, predicted);
        int[] truth = [.. rows.SelectMany(r => r.Classes)];
        if (metric == "accuracy") return ClassificationMetrics.Accuracy(truth, predicted);
        var report = ClassificationReport.Of(tags, truth, predicted);
        return metric == "macro-f1" ? report.Macro.F1 : report.Weighted.F1;
    }

    private double EntityScore(IReadOnlyList<EncodedRow> rows, int[] predicted)
    {
        var (truth, found, first) = (new List<string[]>(rows.Count), new List<string[]>(rows.Count), 0);
        foreach (var row in rows)
        {
            truth.Add([.. row.Classes.Select(c => tags[c])]);
            found.Add([.. predicted.AsSpan(first, row.Answers).ToArray().Select(c => tags[c])]);
            first += row.Answers;
        }
        return EntityMetrics.Conll(truth, found).Micro.F1;
    }

    public override Action<Utf8JsonWriter, EncodedRow, int> PredictionWriter(LabelSet labels, Tensor outputs)
    {
        var probabilities = Probabilities(outputs);
        return (json, row, first) =>
        {
            var answers = Enumerable.Range(0, row.Answers);
            WriteNames(json, "words", answers.Select(a => row.Source is { Words: { } words, AnsweredWords: { } answered } ? words[answered[a]] : $"{a}"));
            WriteNames(json, "label", answers.Select(a => labels[row.Classes[a]]));
            WriteNames(json, "predicted", answers.Select(a => labels[Array.IndexOf(probabilities[first + a], probabilities[first + a].Max())]));
        };
    }
}
