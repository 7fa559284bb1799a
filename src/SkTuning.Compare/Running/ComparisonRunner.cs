namespace SkTuning.Compare;

/// <summary>Runs comparison plans. An interrupted comparison resumes when the plan is run again with the same folder.</summary>
public static class ComparisonRunner
{
    /// <summary>Runs the trials that are not finished yet, on the calling thread, and returns the result of all trials.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="folder">The results folder, which is created if necessary. Plans may share a folder: trials are identified by what affects their
    /// outcome.</param>
    /// <param name="progress">Receives a report after every trial and test, on the calling thread.</param>
    /// <param name="cancellationToken">A token that cancels the run after the current step. The trial in progress is lost; finished trials are kept.</param>
    /// <returns>The result.</returns>
    /// <exception cref="SkTuningException">The plan, the model or the data cannot be used. If a single trial fails, the result contains the failure
    /// instead.</exception>
    /// <exception cref="ComparisonCanceledException">The run was canceled. The exception contains the result so far.</exception>
    public static ComparisonResult Run(ComparisonPlan plan, string folder, IProgress<ComparisonProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        plan.Validate();
        var data = plan.DataSets.Select(d => LoadedData.Read(plan, d)).ToList();
        if (plan.Threads > 0) RuntimeSettings.Start(plan.Threads);
        using var model = FrozenModel.Load(plan.Resolve(plan.Model),
            new() { Device = plan.Device, Precision = plan.Precision, RandomWeights = plan.RandomBase });
        return RunCells(plan, model, data, folder, progress, cancellationToken);
    }

    /// <summary>Does the same as <see cref="Run"/> on a separate thread.</summary>
    /// <inheritdoc cref="Run"/>
    public static Task<ComparisonResult> RunAsync(ComparisonPlan plan, string folder, IProgress<ComparisonProgress>? progress = null,
        CancellationToken cancellationToken = default)
        => Task.Factory.StartNew(() => Run(plan, folder, progress, cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

    private static ComparisonResult RunCells(ComparisonPlan plan, FrozenModel model, IReadOnlyList<LoadedData> data, string folder,
        IProgress<ComparisonProgress>? progress, CancellationToken cancellationToken)
    {
        using var store = new TrialStore(folder);
        var run = new Run(plan, model, store, progress);
        try
        {
            run.Start();
            foreach (var seed in plan.Seeds)                       // one seed of everything first, so that an interrupted run has complete columns
                foreach (var set in data)
                    foreach (var method in plan.Methods)
                        run.Cell(set, set.Cell(method, seed), cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new ComparisonCanceledException(Result(), cancellationToken);
        }
        return Result();

        ComparisonResult Result() => ResultAssembly.Of(plan, model, data, run.Trials, run.Scores);
    }
}
