using System.Diagnostics;
using System.Runtime.InteropServices;

namespace SkTuning.Compare;

/// <summary>One pass over the cells of a plan: trains the trials missing in the store, selects one per cell on the dev rows and tests it.</summary>
internal sealed class Run(ComparisonPlan plan, FrozenModel model, TrialStore store, IProgress<ComparisonProgress>? progress)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly string _device = model.Describe().Device.Split(':')[0];
    private int _cached;

    public List<ComparisonTrial> Trials { get; } = [];

    public List<ComparisonScore> Scores { get; } = [];

    public void Start() => Report(null, null);

    public void Cell(LoadedData data, Cell cell, CancellationToken cancellationToken)
    {
        ILearner learner = cell.Method.Kind switch
        {
            MethodTraits.Majority => new MajorityLearner(),
            MethodTraits.TfIdf => new TfIdfLearner(),
            _ => new TunedLearner(plan, model),
        };
        using var shared = learner as IDisposable;
        var trials = cell.Rates.Select(rate => Trial(data, learner, cell, rate, cancellationToken)).ToList();
        if (Choice.Among(cell, trials) is { } choice)
        {
            var score = data.Test.Score(choice, Tested(data, learner, cell, choice, cancellationToken), data.Plan.Metric);
            Scores.Add(score);
            Report(null, score);
        }
        foreach (var trial in trials) store.RemoveAdapter(trial.Key);
    }

    private ComparisonTrial Trial(LoadedData data, ILearner learner, Cell cell, double? rate, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var key = TrialKey.Of(plan, model.Fingerprint, _device, cell, rate);
        var stored = store.FindTrial(key, data.Labels, cell.Dev.Rows.Count);
        if (stored is null) stored = Train(key, learner, cell, rate, cancellationToken);
        else _cached++;
        // Names and the metric come from the current plan, measurements from the stored file.
        var trial = stored.Trial with
        {
            DataSet = cell.DataSet,
            Method = cell.Method.Title,
            Seed = cell.Seed,
            Rate = rate,
            DevScore = stored.Trial.Error is null && stored.Dev is { } dev ? data.DevScore(cell, dev) : null,
        };
        Trials.Add(trial);
        Report(trial, null);
        return trial;
    }

    private StoredTrial Train(string key, ILearner learner, Cell cell, double? rate, CancellationToken cancellationToken)
    {
        var trial = new ComparisonTrial
        {
            DataSet = cell.DataSet,
            Method = cell.Method.Title,
            Seed = cell.Seed,
            Rate = rate,
            Key = key,
            TrainRows = cell.Train.Rows.Count,
            DevRows = cell.Dev.Rows.Count,
        };
        Trained? trained = null;
        Predictions? dev = null;
        bool isSaved;
        try
        {
            trained = learner.Train(cell, rate, cancellationToken);
            if (cell.HasDev) dev = trained.Labeler.Predict(cell.Dev.Rows, cancellationToken);
        }
        catch (Exception e) when (e is SkTuningException or ExternalException)
        {
            trained?.Labeler.Dispose();
            var failed = new StoredTrial { Trial = trial with { Error = e.Message.ReplaceLineEndings(" ") } };
            if (e is SkTuningException) store.Add(key, failed);    // failures of torch (memory, drivers) are not stored: they may not recur
            return failed;
        }
        using (trained.Labeler)
        {
            var bytes = 0L;
            // A trial without its size would be incomplete for ever: it is trained again by the next run.
            isSaved = store.Try(() => bytes = learner.Save(trained, store.Adapter(key)));
            trial = trial with
            {
                DevLoss = dev?.Loss,
                Epochs = [.. trained.Report?.Epochs.Select(e => Epoch(e, cell.HasDev)) ?? []],
                BestEpoch = trained.Report?.Best?.Epoch,
                Parameters = trained.Parameters,
                AdapterBytes = bytes,
                Steps = trained.Report?.Steps ?? 0,
                Seconds = trained.Seconds,
                SecondsPerStep = trained.SecondsPerStep,
                TruncatedRows = trained.Report?.TruncatedRows ?? 0,
            };
        }
        var stored = new StoredTrial { Trial = trial, Dev = dev };
        if (isSaved) store.Add(key, stored);
        return stored;
    }

    private static ComparisonEpoch Epoch(EpochResult epoch, bool hasDev)
        => new(epoch.Epoch, epoch.TrainLoss, hasDev ? epoch.DevLoss : double.NaN, hasDev ? epoch.DevScore : double.NaN);

    private StoredTest Tested(LoadedData data, ILearner learner, Cell cell, Choice choice, CancellationToken cancellationToken)
    {
        var key = choice.Trial.Key;
        if (store.FindTest(key, data.Test) is { } known) return data.Test.Recall(choice, known);
        cancellationToken.ThrowIfCancellationRequested();
        // The adapter is missing if an earlier plan had different learning rates. The same training yields the same adapter.
        using var labeler = learner.Reopen(cell, store.Adapter(key), cancellationToken) ?? learner.Train(cell, choice.Trial.Rate, cancellationToken).Labeler;
        var test = data.Test.Predict(choice, labeler, cancellationToken);
        store.Add(key, data.Test.Hash, test);
        return test;
    }

    private void Report(ComparisonTrial? trial, ComparisonScore? score)
    {
        if (progress is null) return;
        var (total, run) = (plan.Trials, Trials.Count - _cached);
        progress.Report(new()
        {
            Done = Trials.Count,
            Total = total,
            Cached = _cached,
            Failed = Trials.Count(t => t.Error is not null),
            Trial = trial,
            Score = score,
            FolderError = store.TakeNewError(),
            Elapsed = _clock.Elapsed,
            Remaining = run > 0 ? _clock.Elapsed / run * (total - Trials.Count) : null,
        });
    }
}
