using SkTuning.Tests.Classifiers;

namespace SkTuning.Tests.Tool;

/// <summary>A signal ends the command while it waits (tests/integration/signals.sh does the same for every command at many moments).</summary>
public sealed class SignalTests(TrainedOnTiny tiny) : IClassFixture<TrainedOnTiny>
{
    [Theory, InlineData(Signals.Interrupt, 130), InlineData(Signals.Terminate, 143)]
    public void A_signal_ends_a_prediction_that_waits_for_a_line(int signal, int exitCode)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sends a POSIX signal");
        using var folder = new TemporaryFolder();
        tiny.Classifier.Save(folder["a"]);
        using var process = ToolRun.Start("predict", "--adapter", folder["a"], "--device", "cpu");
        // Each line is answered although the input stays open.
        for (var i = 0; i < 3; i++)
        {
            process.StandardInput.WriteLine("where is my parcel?");
            process.StandardInput.Flush();
            Assert.Equal(2, process.StandardOutput.ReadLine()!.Split('\t').Length);
        }
        if (Signals.Ignores(process.Id, signal))
        {
            process.Kill();
            Assert.Skip($"the tests were started with signal {signal} ignored, as shells start background jobs");
        }
        Assert.Equal(0, Signals.Send(process.Id, signal));
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(20)), "it waits on");
        Assert.Equal(exitCode, process.ExitCode);
    }
}
