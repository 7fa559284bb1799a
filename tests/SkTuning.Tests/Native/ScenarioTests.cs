using System.Diagnostics;

namespace SkTuning.Tests.Native;

/// <summary>Runs the programs of tests/SkTuning.Scenarios, each in its own process.</summary>
public sealed class ScenarioTests
{
    private static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "SkTuning.Scenarios.dll");

    [Fact]
    public void Disposed_objects_are_refused_by_the_name_of_their_class() => Ends(0, "disposed", Fixtures.Tiny);

    [Fact]
    public void Objects_can_be_disposed_while_threads_use_them() => Ends(0, "dispose", Fixtures.MicroModel, "10");

    [Fact]
    public void Trainings_with_dropout_at_the_same_time_are_those_alone_bit_for_bit() => Ends(0, "drawing", Fixtures.MicroModel);

    [Fact]
    public void Nothing_fails_or_leaks_under_load_from_many_threads() => Ends(0, "stress", Fixtures.MicroModel, "3", "2");

    [Theory]
    [InlineData("train-async", "return")]
    [InlineData("train", "exit")]
    [InlineData("session", "return")]
    [InlineData("predict", "return")]
    [InlineData("stream", "exit")]
    [InlineData("evaluate", "return")]
    [InlineData("load", "return")]
    public void A_process_ends_as_asked_while_other_threads_work(string work, string how)
        => Ends(how == "exit" ? 3 : 0, "exit", Fixtures.MicroModel, work, how);

    [Theory]
    [InlineData("30")]
    [InlineData("100")]
    [InlineData("200")]
    public void A_process_ends_as_asked_while_libtorch_is_loaded(string milliseconds) => Ends(0, "exit", Fixtures.MicroModel, "start", milliseconds);

    [Fact]
    public void An_exception_that_nobody_catches_ends_a_working_process_as_usual()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the exit code is that of Linux");
        Ends(134, "exit", Fixtures.MicroModel, "train-async", "throw");
    }

    private static void Ends(int exitCode, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DOTNET_DbgEnableMiniDump"] = "0" },
        })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == exitCode, $"exit code {process.ExitCode}: {output}{error.Result}");
    }
}
