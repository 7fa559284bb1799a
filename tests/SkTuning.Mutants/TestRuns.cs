using System.Diagnostics;

namespace SkTuning.Mutants;

/// <summary>Runs the tests of a package in the copy, until the first failure.</summary>
/// <param name="root">The folder of the copy.</param>
internal sealed class TestRuns(string root)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(8);

    /// <summary>The tests that a change of a file needs, the nearest first: those of its folder, and all of its package.</summary>
    public IEnumerable<string[]> For(string file)
    {
        var parts = file.Split('/');
        var (package, folder) = (parts[1], parts[2]);
        var project = package switch
        {
            "SkTuning.Tokenizers" or "SkTuning.Onnx" or "SkTuning.Compare" or "SkTuning.Serving" or "SkTuning.Tool" or "SkTuning.Data" => package[9..],
            "SkTuning.Data.Csv" or "SkTuning.Data.Parquet" => "Data",
            "SkTuning.OnnxRuntime" => "Onnx",
            "SkTuning.Baselines" or "SkTuning.Reports" => "Compare",
            "SkTuning.Server" or "SkTuning.ML" => "Serving",
            _ => "",
        };
        var name = project.Length == 0 ? "SkTuning.Tests" : "SkTuning.Tests." + project;
        if (project.Length == 0 && Directory.Exists(Path.Combine(root, "tests", name, folder))) yield return [name, "-namespace", $"{name}.{folder}*"];
        yield return [name];
        if (package is "SkTuning.Abstractions" or "SkTuning.Predictions") yield return ["SkTuning.Tests.Data"];
        if (package == "SkTuning.Predictions") yield return ["SkTuning.Tests.Onnx"];
    }

    /// <summary>True if all tests pass while a mutant is on; 0 is none. A run that does not end counts as failed.</summary>
    public bool Pass(string[] tests, int mutant)
    {
        var start = new ProcessStartInfo(Path.Combine(root, "artifacts", "bin", tests[0], "debug", tests[0]),
            [.. tests[1..], "-stopOnFail"])
        {
            WorkingDirectory = root, RedirectStandardOutput = true, RedirectStandardError = true, Environment = { ["SKTUNING_MUTANT"] = $"{mutant}" },
        };
        using var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (process.WaitForExit(Limit)) return process.ExitCode == 0;
        process.Kill(entireProcessTree: true);
        return false;
    }
}
