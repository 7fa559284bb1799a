using SkTuning.Batches;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>Fits the head alone with other texts of the labels, and compares the results in a cross-validation.</summary>
/// <param name="alone">The head alone.</param>
/// <param name="verdicts">Compares scores.</param>
/// <param name="rows">The training rows.</param>
/// <param name="folds">The indices of the rows of each part.</param>
internal sealed class DescriptionTrials(HeadAlone alone, Verdicts verdicts, IReadOnlyList<EncodedRow> rows, IReadOnlyList<int[]> folds)
{
    /// <summary>The maximum number of texts that are checked one by one: each costs a fit for each part.</summary>
    public const int MaxTexts = 64;

    /// <summary>A text misleads if the head without it is better with a probability of 95 %: one side of an interval of 90 %.</summary>
    private const double OneSide = 0.9;

    private const double Confidence = 0.95;
    private const int FewSamples = 200;

    /// <summary>Another text in place of one, or none.</summary>
    private sealed record Trial(int Label, int Text, Tensor? Instead);

    /// <summary>Compares the head with and without texts; null if it reads none.</summary>
    /// <param name="head">The scores of the head with all texts.</param>
    /// <param name="cancellationToken">Ends the fits with an exception.</param>
    public DescriptionCheck? Run(Tensor head, CancellationToken cancellationToken)
    {
        var (labels, texts) = (alone.Adapter.Definition.Labels, alone.Adapter.Definition.LabelDescriptions);
        if (texts is null || labels.Length < 2 || alone.Adapter.Definition.Head.IgnoresDescriptions) return null;
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var states = alone.StatesOf([.. texts.SelectMany(t => t), .. labels.Select(AdapterPlan.NameOf)], cancellationToken);
        var names = states.Skip(states.Count - labels.Length).ToArray();
        var given = new Tensor[labels.Length][];
        foreach (var (label, own) in texts.Index()) given[label] = [.. states.Skip(texts.Take(label).Sum(t => t.Length)).Take(own.Length)];

        // Equal states have no direction: the head starts from zero.
        var nothing = zeros_like(names[0][0]).unsqueeze(0);
        var without = alone.OutOfFold(folds, [.. labels.Select(_ => nothing)], cancellationToken);
        Trial[] trials = [.. texts.SelectMany((own, label) => own switch
        {
            [var only] => only == AdapterPlan.NameOf(labels[label]) ? [] : (Trial[])[new(label, 0, names[label])],
            _ => own.Select((_, text) => new Trial(label, text, null)),
        })];
        var areChecked = trials.Length <= MaxTexts;
        var (score, lowerIsBetter) = (verdicts.Score(head, rows), verdicts.Metric.LowerIsBetter);
        var misleading = new List<MisleadingText>();
        foreach (var trial in areChecked ? trials : [])
        {
            using var inner = NewDisposeScope();
            var scores = alone.OutOfFold(folds, [.. given.Select((own, label) => label == trial.Label ? With(own, trial) : cat(own, 0))], cancellationToken);
            var gain = verdicts.Score(scores, rows) - score;
            if (lowerIsBetter ? gain >= 0 : gain <= 0) continue;
            var interval = verdicts.Difference(rows, scores, head, OneSide, FewSamples);
            if (lowerIsBetter ? interval.High < 0 : interval.Low > 0) misleading.Add(new(labels[trial.Label], texts[trial.Label][trial.Text], gain));
        }
        return new()
        {
            Metric = verdicts.Metric.Name,
            LowerIsBetter = lowerIsBetter,
            Score = score,
            ScoreWithout = verdicts.Score(without, rows),
            Difference = verdicts.Difference(rows, head, without, Confidence),
            AreTextsChecked = areChecked,
            Misleading = [.. misleading.OrderByDescending(t => Math.Abs(t.Gain))],
        };
    }

    private static Tensor With(Tensor[] own, Trial trial)
        => trial.Instead ?? cat([.. own.Where((_, text) => text != trial.Text)], 0);
}
