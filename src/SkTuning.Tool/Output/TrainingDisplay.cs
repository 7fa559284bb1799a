using System.Globalization;
using SkTuning.Data;
using SkTuning.Reports;
using Spectre.Console;

namespace SkTuning.Tool.Output;

/// <summary>Shows a training run: a bar on a terminal, a line an epoch where standard error is redirected, nothing when quiet.</summary>
internal static class TrainingDisplay
{
    public static T Show<T>(bool quiet, string title, Func<IProgress<TrainingProgress>?, T> train)
    {
        if (quiet) return train(null);
        if (Console.IsErrorRedirected) return train(new Now(p => { if (p.Evaluated is { } e) Console.Error.WriteLine($"{title}: {Epoch(p, e)}"); }));
        T result = default!;
        Screen.Error.Progress().AutoClear(false).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(context =>
        {
            var bar = context.AddTask(Markup.Escape(title), maxValue: 1);
            EpochResult? best = null;
            result = train(new Now(p =>
            {
                if (p.Evaluated is { IsBest: true } e) best = e;
                bar.MaxValue = p.Steps;
                bar.Value = p.Step;
                bar.Description = Markup.Escape(FormattableString.Invariant(
                    $"{title}: epoch {p.Epoch}/{p.Epochs}, loss {p.Loss:F3}, {p.TokensPerSecond:F0} tokens/s, {p.Memory / 1e6:F0} MB{(best is null ? "" : $", best dev {best.DevScore:F4}")}"));
            }));
            bar.Value = bar.MaxValue;
        });
        return result;
    }

    private static string Epoch(TrainingProgress p, EpochResult e) => string.Create(CultureInfo.InvariantCulture,
        $"epoch {e.Epoch}/{p.Epochs}, loss {e.TrainLoss:F4}, dev loss {e.DevLoss:F4}, dev score {e.DevScore:F4}{(e.IsBest ? ", best" : "")}, {p.Elapsed.TotalSeconds:F1} s, {p.TokensPerSecond:F0} tokens/s");

    /// <summary>Reports on the training thread, in order; Progress&lt;T&gt; would post to the pool.</summary>
    private sealed class Now(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
