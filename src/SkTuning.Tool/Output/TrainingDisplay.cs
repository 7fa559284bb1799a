using Spectre.Console;

namespace SkTuning.Tool.Output;

/// <summary>Shows the progress of training: a bar on a terminal, one line per epoch if standard error is redirected, nothing if quiet.</summary>
internal static class TrainingDisplay
{
    public static T Show<T>(bool quiet, string title, Func<IProgress<TrainingProgress>?, T> train)
    {
        if (quiet) return train(null);
        if (Console.IsErrorRedirected)
        {
            var part = 0;
            return train(new Immediate(p =>
            {
                Warn(p);
                if (p.CompletedEpoch is { } e) Console.Error.WriteLine($"{title}: {Epoch(p, e)}");
                if (p.Fold > part) Console.Error.WriteLine($"{title}: {Part(p)}");
                part = p.Fold;
            }));
        }
        T result = default!;
        var columns = new ProgressColumn[] { new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn() };
        Screen.Error.Progress().AutoClear(false).Columns(columns).Start(context =>
        {
            var bar = context.AddTask(Markup.Escape(title), maxValue: 1);
            EpochResult? best = null;
            result = train(new Immediate(p =>
            {
                Warn(p);
                if (p.CompletedEpoch is { IsBest: true } e && double.IsFinite(e.DevScore)) best = e;
                bar.MaxValue = p.Steps;
                bar.Value = p.Step;
                var bestScore = best is null ? "" : FormattableString.Invariant($", best dev score {best.DevScore:F4}");
                var part = p.Folds > 0 ? $"{Part(p)}, " : "";
                bar.Description = Markup.Escape(FormattableString.Invariant(
                    $"{title}: {part}epoch {p.Epoch}/{p.Epochs}, loss {p.Loss:F3}, {p.TokensPerSecond:F0} tokens/s, {p.Memory / 1e6:F0} MB{bestScore}"));
            }));
            bar.Value = bar.MaxValue;
        });
        return result;
    }

    private static void Warn(TrainingProgress p)
    {
        if (p.RunFolderError is { } error) Screen.Warning($"the run folder cannot be written: {error} Training continues and tries again.");
    }

    private static string Part(TrainingProgress p) => FormattableString.Invariant($"cross-validation, part {p.Fold}/{p.Folds}");

    private static string Epoch(TrainingProgress p, EpochResult e)
    {
        var dev = double.IsNaN(e.DevLoss) ? ""
            : FormattableString.Invariant($", dev loss {e.DevLoss:F4}, dev score {e.DevScore:F4}{(e.IsBest ? " (best)" : "")}");
        return FormattableString.Invariant(
            $"epoch {e.Epoch}/{p.Epochs}, loss {e.TrainLoss:F4}{dev}, {p.Elapsed.TotalSeconds:F1} s, {p.TokensPerSecond:F0} tokens/s");
    }

    /// <summary>Reports synchronously and in order, whereas Progress&lt;T&gt; posts to the thread pool.</summary>
    private sealed class Immediate(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
