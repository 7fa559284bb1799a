namespace SkTuning.Compare;

/// <summary>Trains a tuning method on the frozen base. Work shared by its trials is done only once.</summary>
internal sealed class TunedLearner(ComparisonPlan plan, FrozenModel model) : ILearner, IDisposable
{
    private readonly TrainingSession _session = new(model);

    public Trained Train(Cell cell, double? rate, CancellationToken cancellationToken)
    {
        var options = Options(cell, rate);
        var clock = new StepClock();
        try
        {
            var task = (TaskKind<Row>)TaskKinds.Get(cell.Levels is null ? "single-label" : "ordinal");
            var classifier = task.Train(_session, cell.Train.Rows, options, clock, cancellationToken);
            var report = classifier.Report!;
            double? secondsPerStep = report.Steps > 0 ? clock.SecondsPerStep ?? report.Seconds / report.Steps : null;
            return new(new Labeler(classifier, model), classifier.ParameterCount, report.Seconds, report, secondsPerStep);
        }
        catch (TrainingCanceledException e)
        {
            e.Result.Dispose();                       // an incomplete trial does not count
            throw new OperationCanceledException(cancellationToken);
        }
        catch (TrainingDivergedException e)
        {
            e.Result.Dispose();
            throw;
        }
    }

    private AdapterOptions<Row> Options(Cell cell, double? rate)
    {
        var (method, preset) = (cell.Method, MethodTraits.PresetOf(cell.Method));
        AdapterOptions<Row> options = cell.Levels is { } levels ? new OrdinalClassifierOptions { Levels = levels } : new TextClassifierOptions();
        options = options with { Prompt = cell.Prompt, Template = cell.Template, LabelDescriptions = cell.Descriptions, MaxTokens = plan.MaxTokens };
        // A preset is complete by itself: of the plan, it gets only what describes the data.
        options = preset is not null ? preset.ApplyTo(options, model) : options with
        {
            Pooling = plan.Pooling,
            Training = new() { Epochs = plan.Epochs, BatchSize = plan.BatchSize, HeadFirst = plan.HeadFirst },
        };
        options = options with
        {
            Method = MethodTraits.Options(method),
            Head = method.Head ?? options.Head,
            Objective = method.Objective ?? options.Objective,
            Prune = method.Prune is { } keep ? new() { Keep = keep, By = method.PruneBy } : null,
            Training = options.Training with
            {
                Epochs = method.Epochs ?? options.Training.Epochs,
                MaxSteps = method.MaxSteps ?? options.Training.MaxSteps,
                BatchSize = method.BatchSize ?? options.Training.BatchSize,
                Patience = 0,                        // every method trains for all epochs of the plan
                Seed = cell.Seed,
                LearningRate = rate,
                Metric = cell.Levels is null ? null : "accuracy",   // trials record the accuracy of each epoch
            },
        };
        return cell.HasDev ? options with { Dev = cell.Dev.Rows } : WithoutDev(options);
    }

    /// <summary>
    /// Keeps the last step, for a data set without dev rows: nothing is held out, and nothing is chosen, except by the method auto, whose cross-validation is
    /// part of it.
    /// </summary>
    private static AdapterOptions<Row> WithoutDev(AdapterOptions<Row> options)
        => options with { Training = options.Training with { DevFraction = 0, Folds = options.Method is AutoOptions ? null : 0 } };

    public long Save(Trained trained, string folder)
    {
        ((Labeler)trained.Labeler).Classifier.Save(folder);
        return Directory.EnumerateFiles(folder).Sum(f => new FileInfo(f).Length);
    }

    public ILabeler? Reopen(Cell cell, string folder, CancellationToken cancellationToken)
    {
        try { return Directory.Exists(folder) ? new Labeler((TunedAdapter<Row>)TunedAdapter.Load(folder, model), model) : null; }
        catch (SkTuningException) { return null; }                             // damaged: the same training yields the same adapter
    }

    public void Dispose() => _session.Dispose();

    private sealed class Labeler(TunedAdapter<Row> classifier, FrozenModel model) : ILabeler
    {
        public TunedAdapter<Row> Classifier => classifier;

        public Predictions Predict(IReadOnlyList<Row> rows, CancellationToken cancellationToken)
        {
            var before = model.SequencesRead;
            var predicted = classifier.PredictRows(rows, cancellationToken);
            var passes = (double)(model.SequencesRead - before) / Math.Max(rows.Count, 1);
            if (predicted.FirstOrDefault(p => p.Error is not null) is { } bad) throw new SkTuningException(bad.Error!);
            return Predictions.Of([.. classifier.Labels], rows, [.. predicted.Select(Answer)]) with { Passes = passes };
        }

        private static (string Label, double Confidence, Func<string, double> Probability) Answer(TaskPrediction prediction) => prediction switch
        {
            OrdinalClassifierPrediction p => (p.Label, p.Confidence, l => p.Scores[l]),
            TextClassifierPrediction p => (p.Label, p.Confidence, l => p.Scores[l]),
            _ => throw new InvalidOperationException($"{prediction.GetType().Name} is no prediction of one label."),
        };

        public void Dispose() => classifier.Dispose();
    }
}
