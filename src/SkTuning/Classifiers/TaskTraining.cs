using SkTuning.Adapters;
using SkTuning.Data;
using SkTuning.Tasks;

namespace SkTuning.Classifiers;

/// <summary>What training does alike for every task.</summary>
internal static class TaskTraining
{
    /// <summary>Trains what was made; it is let go when that fails, and handed on in the exception when it is cancelled or diverges.</summary>
    public static T Run<T>(T made, Func<TrainingRows> rows, Objective objective, TrainingOptions options, IProgress<TrainingProgress>? progress, CancellationToken cancel, Action? finish = null) where T : TunedAdapter
    {
        try
        {
            made.Runtime.Train(rows(), objective, options, progress, cancel);
            finish?.Invoke();
        }
        catch
        {
            made.Dispose();
            throw;
        }
        if (made.Report!.Divergence is { } divergence) throw new TrainingDivergedException(made, divergence);
        return cancel.IsCancellationRequested && made.Report.WasCancelled ? throw new TrainingCanceledException(made, cancel) : made;
    }

    /// <summary>On a thread of its own: dispose scopes and no_grad are per thread.</summary>
    public static Task<T> OnItsOwnThread<T>(Func<T> train) => Task.Factory.StartNew(train, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Dev rows as they were given, or a part held out by chance.</summary>
    public static (IReadOnlyList<T> Train, IReadOnlyList<T> Dev, IReadOnlyList<int> HeldOut) Split<T>(IEnumerable<T> rows, IReadOnlyList<T>? dev, TrainingOptions options)
    {
        options.Validate();
        var all = rows as IReadOnlyList<T> ?? [.. rows];
        if (all.Count == 0) throw new SkTuningException("There are no training rows.");
        if (dev is { Count: > 0 }) return (all, dev, []);
        var held = (int)Math.Max(1, Math.Round(options.DevFraction * all.Count));
        if (held >= all.Count) throw new SkTuningException($"There {(all.Count == 1 ? "is 1 training row" : $"are {all.Count} training rows")}: too few to hold some out for dev. Add rows, or give dev rows.");
        var order = Enumerable.Range(0, all.Count).ToArray();
        new Shuffler(options.Seed).Shuffle<int>(order);
        var chosen = order.Take(held).Order().ToArray();
        var isHeld = chosen.ToHashSet();
        return ([.. all.Where((_, i) => !isHeld.Contains(i))], [.. chosen.Select(i => all[i])], chosen);
    }
}
