using SkTuning.Tokenizers.Chat;

namespace SkTuning.Compare;

/// <summary>A tuning method on the frozen base. What its trials need alike is made once.</summary>
internal sealed class TunedLearner(ComparisonPlan plan, FrozenModel model) : ILearner, IDisposable
{
    private readonly TuningSweep _sweep = new(model);

    public static TuningOptions Options(PlanMethod method) => TuningOptions.Create(method.Method, method.Settings);

    public Trained Train(Cell cell, double? rate, CancellationToken cancel)
    {
        var options = new TextClassifierOptions
        {
            Prompt = cell.Prompt,
            Template = cell.Template,
            Method = Options(cell.Method),
            Pooling = plan.Pooling,
            MaxTokens = plan.MaxTokens,
            Dev = cell.Dev.Rows,
            Training = new()
            {
                Epochs = plan.Epochs,
                BatchSize = plan.BatchSize,
                HeadFirst = plan.HeadFirst,
                Patience = 0,                        // every method gets all of the plan's epochs
                Seed = cell.Seed,
                LearningRate = rate,
            },
        };
        var clock = new StepClock();
        try
        {
            var classifier = _sweep.Train(m => TextClassifier.Train(m, cell.Train.Rows, options, clock, cancel));
            var report = classifier.Report!;
            return new(new Labeller(classifier), classifier.ParameterCount, report.Seconds, report, report.Steps > 0 ? clock.SecondsPerStep ?? report.Seconds / report.Steps : null);
        }
        catch (TrainingCanceledException e)
        {
            e.SoFar.Dispose();                       // half a trial is none
            throw new OperationCanceledException(cancel);
        }
    }

    public long Save(Trained trained, string folder)
    {
        ((Labeller)trained.Labeller).Classifier.Save(folder);
        return Directory.EnumerateFiles(folder).Sum(f => new FileInfo(f).Length);
    }

    public ILabeller? Reopen(Cell cell, string folder, CancellationToken cancel) => Directory.Exists(folder) ? new Labeller(TextClassifier.Load(folder, model)) : null;

    public void Dispose() => _sweep.Dispose();

    private sealed class Labeller(TextClassifier classifier) : ILabeller
    {
        public TextClassifier Classifier => classifier;

        public Predictions Predict(IReadOnlyList<Row> rows, CancellationToken cancel)
        {
            var predicted = classifier.ReadsPairs ? classifier.PredictPairs([.. rows.Select(r => (r.Text, r.Text2))], cancel) : classifier.Predict([.. rows.Select(r => r.Text)], cancel);
            if (predicted.FirstOrDefault(p => p.Error is not null) is { } bad) throw new SkTuningException(bad.Error!);
            return Predictions.Of([.. classifier.Labels], rows, [.. predicted.Select(p => (p.Label, p.Confidence, (Func<string, double>)(l => p.Scores[l])))]);
        }

        public void Dispose() => classifier.Dispose();
    }
}
