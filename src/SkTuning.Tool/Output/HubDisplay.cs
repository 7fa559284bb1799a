using SkTuning.Hub;
using Spectre.Console;

namespace SkTuning.Tool.Output;

/// <summary>Shows a download on standard error: one bar per file on a terminal, one line per file if it is redirected.</summary>
internal static class HubDisplay
{
    public static async Task<string> Show(Func<IProgress<HubProgress>, Task<string>> get)
    {
        if (Console.IsErrorRedirected) return await get(new Lines());
        return await Screen.Error.Progress().AutoClear(false)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new DownloadedColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
            .StartAsync(context => get(new Bars(context)));
    }

    private static string Name(HubProgress p) => $"{p.File} ({p.Number}/{p.Files})";

    /// <summary>A warning about something that does not stop the download; null if there is none.</summary>
    private static string? Warning(HubProgress p) => p.Step switch
    {
        HubStep.Changed => $"warning: {p.File} was changed after it was downloaded. It is downloaded again.",
        HubStep.Unreachable => "warning: the hub cannot be reached. The cached files are used.",
        _ => null,
    };

    private sealed class Lines : IProgress<HubProgress>
    {
        public void Report(HubProgress value)
        {
            if (Warning(value) is { } warning) Console.Error.WriteLine(warning);
            if (value.Step == HubStep.Ready) Console.Error.WriteLine($"{Name(value)}: {Screen.Number(value.Bytes)} bytes, verified");
        }
    }

    private sealed class Bars(ProgressContext context) : IProgress<HubProgress>
    {
        private readonly Dictionary<string, ProgressTask> _bars = [];

        public void Report(HubProgress value)
        {
            if (Warning(value) is { } warning) Screen.Error.MarkupLineInterpolated($"{warning}");
            if (value.File.Length == 0) return;
            if (!_bars.TryGetValue(value.File, out var bar)) _bars[value.File] = bar = context.AddTask(Markup.Escape(Name(value)), maxValue: 1);
            bar.Description = Markup.Escape(value.Step switch
            {
                HubStep.Checking => $"verifying {Name(value)}",
                HubStep.Waiting => $"waiting for {Name(value)}",
                _ => Name(value),
            });
            if (value.Size is { } size) bar.MaxValue = Math.Max(1, size);
            bar.Value = value.Step == HubStep.Ready ? bar.MaxValue : value.Bytes;
        }
    }
}
