using System.Diagnostics;

namespace SkTuning.Tests.Tool;

/// <summary>The sktuning command in its own process.</summary>
internal sealed record ToolRun(int ExitCode, string Output, string Error)
{
    private static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "SkTuning.Tool.dll");

    /// <summary>The lines of standard error, except the one that names the demo model.</summary>
    public IReadOnlyList<string> Messages
        => [.. Error.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(l => !l.StartsWith("Model: ", StringComparison.Ordinal))];

    public static Process Start(params string[] arguments)
    {
        // The test's output folder contains the tool with everything it needs, including assets.
        return Process.Start(new ProcessStartInfo("dotnet", [Program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        })!;
    }

    public static ToolRun Of(params string[] arguments) => Of("", arguments);

    public static ToolRun Of(string input, string[] arguments)
    {
        using var process = Start(arguments);
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        return End(process);
    }

    public static ToolRun End(Process process)
    {
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new(process.ExitCode, output, error.Result);
    }
}
