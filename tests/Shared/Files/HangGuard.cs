using System.Diagnostics;

namespace SkTuning.Tests;

/// <summary>Names a case that takes minutes: what never ends is found on however slow a machine. Speed is measured by the bench project, never here.</summary>
internal readonly struct HangGuard
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private readonly long _start = Stopwatch.GetTimestamp();

    public HangGuard() { }

    public void Check(string what)
    {
        var time = Stopwatch.GetElapsedTime(_start);
        Assert.True(time < Limit, $"{what}: {time.TotalSeconds:F0} s");
    }
}
