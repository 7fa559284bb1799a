using System.Diagnostics;
using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Heads;
using SkTuning.Heads.LabelTexts;
using SkTuning.Tasks;
using SkTuning.Training;
using static TorchSharp.torch;

namespace SkTuning.Classifiers.SingleLabel;

/// <summary>Creates a classifier from the texts of its labels alone.</summary>
internal static class ZeroRows
{
    /// <summary>
    /// What cosines are divided by where no rows decide the temperature: on most data, confidences then about match accuracies (<c>bench -- zero-rows</c>).
    /// The heads themselves divide by 0.1 or more, which makes every label about as likely as the others.
    /// </summary>
    private const double CosineTemperature = 0.05;

    private static readonly SingleLabelTask Task = (SingleLabelTask)TaskKinds.Get(SingleLabelTask.TaskName);

    public static TextClassifier Create(FrozenModel model, TextClassifierOptions options, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        options = Checked(options);
        IReadOnlyList<Row> dev = options.Dev ?? [];
        var labels = new LabelSet(options.LabelDescriptions!.Keys);
        var definition = AdapterPlan.Create(model, options, SingleLabelTask.Untrained, labels, Task.HavePairs(dev));
        var adapter = new AdapterModel(model, definition);
        try
        {
            using var scope = NewDisposeScope();
            using var off = no_grad();
            Fill(adapter, cancellationToken);
            var objective = Task.CreateObjective(definition.Task, labels, options.Training.LabelSmoothing);
            var metric = objective.FindMetric(options.Training.Metric);
            var encoded = dev.Count == 0 ? [] : Task.EncodeAll(adapter, dev, "the dev rows", cancellationToken);
            var scores = dev.Count == 0 ? null : adapter.FiniteScores(encoded, "dev rows", cancellationToken);
            var measured = scores is null ? null : Measure(objective, metric, encoded, scores);
            definition = adapter.Definition with
            {
                Task = scores is not null && Task.Decides(options, definition) ? Task.Decide(options, definition, scores, encoded)
                    : new SingleLabelSettings(new() { Temperature = TemperatureOf(adapter.Tuned.Head) }),
                Metric = measured is null ? null : metric.Name,
                DevScore = measured?.DevScore,
            };
            return new(adapter, definition, Report(measured, metric, dev.Count, clock.Elapsed.TotalSeconds));
        }
        catch
        {
            adapter.Dispose();
            throw;
        }
    }

    /// <summary>Returns the options with the method and the head; refuses those that need training rows.</summary>
    private static TextClassifierOptions Checked(TextClassifierOptions options)
    {
        var count = options.LabelDescriptions?.Count ?? 0;
        if (count < 2)
        {
            throw new SkTuningException("Without training rows, the labels are known by their texts alone: expected texts for two labels or more "
                + $"(LabelDescriptions, --describe), found {(count == 0 ? "none" : "1 label")}.");
        }
        if (options.StartFrom is not null)
            throw new SkTuningException("Training cannot continue from an adapter (StartFrom, --start-from) without training rows: add rows.");
        if (options.Prune is not null)
            throw new SkTuningException("Units cannot be pruned (Prune, --prune) without training rows: add rows.");
        if (options.Training.RunFolder is not null)
            throw new SkTuningException("There is no run to record (RunFolder, --run) without training rows: add rows, or omit the run folder.");
        if (options.Method is not (AutoOptions or ProbeOptions))
            throw new SkTuningException($"The method {options.Method.Name} needs training rows: add rows, or choose the method auto or probe.");
        if (options.Head is not (null or SemanticHeadOptions or LabelTextsHeadOptions))
            throw new SkTuningException($"The head {options.Head.Name} needs training rows: add rows, or choose the head semantic or label-texts.");
        options = options with { Method = new ProbeOptions(), Head = options.Head ?? new SemanticHeadOptions() };
        Task.CheckOptions(options);
        RowCheck.NotNull(options.Dev ?? [], "the dev rows");
        Task.CheckRows(options, 0, options.Dev?.Count ?? 0, isCrossValidated: false);
        return options;
    }

    private static void Fill(AdapterModel adapter, CancellationToken cancellationToken)
    {
        var (texts, tuned) = (AdapterTraining.LabelTexts(adapter), adapter.Tuned);
        EncodedRow[] sequences = [.. texts.SelectMany(t => t)];
        var states = LabelTextsFit.States(tuned, sequences, adapter.Model.Device, cancellationToken: cancellationToken);
        Finite.Require(states, sequences, "texts of labels", tuned.Transformer.ComputesInHalf);
        var ofLabels = states.split([.. texts.Select(t => (long)t.Count)]);
        if (tuned.Head is SemanticHead semantic)
        {
            semantic.Prepare(states, tuned.Parameters);
            semantic.Start(ofLabels, tuned.Parameters);
        }
        else if (tuned.Head is LabelTextsHead nearest)
        {
            nearest.Prepare(states, tuned.Parameters);
            nearest.Fit(ofLabels, tuned.Parameters);
        }
    }

    private static double TemperatureOf(Head head)
    {
        var scale = head switch { SemanticHead semantic => semantic.CosineScale, LabelTextsHead texts => texts.CosineScale, _ => 0 };
        return scale > 0 ? Math.Min(CosineTemperature * scale, ClassificationDecision.MaxTemperature) : 1;
    }

    private static EpochResult Measure(Objective objective, Metric metric, IReadOnlyList<EncodedRow> dev, Tensor scores)
    {
        var loss = objective.PlainLoss(scores, objective.Targets(dev, CPU)).item<float>();
        return new(0, double.NaN, loss, metric == Metric.Loss ? loss : objective.Score(metric.Name, scores, dev), IsBest: true);
    }

    private static TrainingReport Report(EpochResult? measured, Metric metric, int devRows, double seconds) => new()
    {
        Epochs = measured is null ? [] : [measured],
        Best = measured,
        Steps = 0,
        Seconds = seconds,
        TrainRows = 0,
        DevRows = devRows,
        HeldOut = [],
        TruncatedRows = 0,
        WasCanceled = false,
        Metric = metric.Name,
        MethodReason = "probe: without training rows, the texts of the labels are the head",
    };
}
