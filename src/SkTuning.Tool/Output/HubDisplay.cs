using SkTuning.Data;
using SkTuning.Hub;
using SkTuning.Reports;
using Spectre.Console;

namespace SkTuning.Tool.Output;

/// <summary>Shows a download on standard error: a bar a file on a terminal, a line a file where it is redirected.</summary>
internal static class HubDisplay
{
    public static async Task<string> Show(Func<IProgress<HubProgress>, Task<string>> get)
    {
        if (Console.IsErrorRedirected) return await get(new Lines());
        return await Screen.Error.Progress().AutoClear(false).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new DownloadedColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
            .StartAsync(context => get(new Bars(context)));
    }

    private static string Name(HubProgress p) => $"{p.File} ({p.Number}/{p.Files})";

    /// <summary>What a user should know of though the download goes on.</summary>
    private static string? Warning(HubProgress p) => p.Step switch
    {
        HubStep.Changed => $"warning: {p.File} was changed on disk after it was downloaded; it is downloaded again.",
        HubStep.Unreachable => "warning: the hub cannot be reached; what is in the cache is used.",
        _ => null,
    };

    private sealed class Lines : IProgress<HubProgress>
    {
        public void Report(HubProgress value)
        {
            if (Warning(value) is { } warning) Console.Error.WriteLine(warning);
            if (value.Step == HubStep.Ready) Console.Error.WriteLine($"{Name(value)}: {Screen.Number(value.Bytes)} bytes, checked");
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
            bar.Description = Markup.Escape(value.Step switch { HubStep.Checking => $"check {Name(value)}", HubStep.Waiting => $"wait {Name(value)}", _ => Name(value) });
            if (value.Size is { } size) bar.MaxValue = Math.Max(1, size);
            bar.Value = value.Step == HubStep.Ready ? bar.MaxValue : value.Bytes;
        }
    }
}
