using System.Diagnostics;
using System.Text.Json;

namespace SkTuning.Tests.Tool;

/// <summary><c>sktuning doctor</c>. tests/integration/doctor.sh runs it on broken installations.</summary>
public sealed class DoctorCommandTests
{
    [Fact]
    public void Where_everything_works_each_check_is_a_line_and_the_exit_code_is_0()
    {
        var run = Run(null, "doctor");
        Assert.Equal(0, run.ExitCode);
        var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, l => Assert.Matches("^(ok|note) +[A-Za-z+]+ +.", l));
        Assert.Contains(lines, l => l.Contains(" loading ", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_wrong_is_in_the_JSON_document_with_what_to_do()
    {
        var run = Run("/nowhere", "doctor", "--json");
        Assert.Equal(1, run.ExitCode);
        Assert.Equal("", run.Error);
        using var document = JsonDocument.Parse(run.Output);
        Assert.False(document.RootElement.GetProperty("works").GetBoolean());
        var problem = document.RootElement.GetProperty("checks").EnumerateArray().Single(c => c.GetProperty("state").GetString() == "problem");
        Assert.Equal("libtorch", problem.GetProperty("name").GetString());
        Assert.Contains("SK_LIBTORCH is '/nowhere'", problem.GetProperty("text").GetString());
        Assert.Contains("unset it", problem.GetProperty("advice").GetString());
    }

    [Fact]
    public void Other_commands_end_with_the_same_line_and_no_trace()
    {
        var run = Run("/nowhere", "info");
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("error: SK_LIBTORCH is '/nowhere', which is not a folder.", run.Error);
        Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static ToolRun Run(string? libtorch, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "SkTuning.Tool.dll"), .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        start.Environment["SK_LIBTORCH"] = libtorch;
        return ToolRun.End(Process.Start(start)!);
    }
}
