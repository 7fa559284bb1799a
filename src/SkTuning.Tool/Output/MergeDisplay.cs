using SkTuning.Peft;
using Spectre.Console;

namespace SkTuning.Tool.Output;

/// <summary>Shows the progress of a merge: a bar on a terminal, nothing if standard error is redirected.</summary>
internal static class MergeDisplay
{
    public static void Show(bool quiet, Action<IProgress<MergeProgress>?> merge)
    {
        if (quiet || Console.IsErrorRedirected)
        {
            merge(null);
            return;
        }
        Screen.Error.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context => merge(new Bar(context.AddTask("merge", maxValue: 1))));
    }

    private sealed class Bar(ProgressTask bar) : IProgress<MergeProgress>
    {
        public void Report(MergeProgress value)
        {
            bar.MaxValue = Math.Max(1, value.Total);
            bar.Value = value.Done;
            bar.Description = Markup.Escape(value.Tensor);
        }
    }
}
