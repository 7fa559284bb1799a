namespace SkTuning.Compare;

/// <summary>Runs a plan. What is finished stays finished: run it again with the same folder and it goes on, whatever ended it.</summary>
public static class ComparisonRunner
{
    /// <summary>Runs what is missing, on this thread, and returns all that is known.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="folder">Where finished trials are kept; made if it is not there. Plans may share one: a trial is found by what decides its outcome.</param>
    /// <param name="progress">Told behind every trial and test, on this thread.</param>
    /// <param name="cancel">Ends the run behind the current step; the trial in progress is lost, those before it are not.</param>
    /// <exception cref="SkTuningException">The plan, the model or the data cannot be used. A single trial that fails is part of the result instead.</exception>
    /// <exception cref="ComparisonCanceledException">It was cancelled; what is known until then is in it.</exception>
    public static ComparisonResult Run(ComparisonPlan plan, string folder, IProgress<ComparisonProgress>? progress = null, CancellationToken cancel = default)
    {
        plan.Validate();
        var data = plan.DataSets.Select(d => LoadedData.Read(plan, d)).ToList();
        if (plan.Threads > 0) RuntimeSettings.Start(plan.Threads);
        using var model = FrozenModel.Load(plan.Resolve(plan.Model), new() { Device = plan.Device, Precision = plan.Precision, RandomWeights = plan.RandomBase });
        return Through(plan, model, data, folder, progress, cancel);
    }

    /// <summary><see cref="Run"/> on a thread of its own.</summary>
    /// <inheritdoc cref="Run"/>
    public static Task<ComparisonResult> RunAsync(ComparisonPlan plan, string folder, IProgress<ComparisonProgress>? progress = null, CancellationToken cancel = default)
        => Task.Factory.StartNew(() => Run(plan, folder, progress, cancel), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static ComparisonResult Through(ComparisonPlan plan, FrozenModel model, IReadOnlyList<LoadedData> data, string folder, IProgress<ComparisonProgress>? progress, CancellationToken cancel)
    {
        using var store = new TrialStore(folder);
        var run = new Run(plan, model, store, progress);
        try
        {
            run.Start();
            foreach (var seed in plan.Seeds)                       // a seed of everything first: a run that is stopped has whole columns
                foreach (var set in data)
                    foreach (var method in plan.Methods)
                        run.Cell(set, set.Cell(method, seed), cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            throw new ComparisonCanceledException(Result(), cancel);
        }
        return Result();

        ComparisonResult Result() => ResultAssembly.Of(plan, model, data, run.Trials, run.Scores);
    }
}
