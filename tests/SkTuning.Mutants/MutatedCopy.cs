using System.Diagnostics;
using System.Text.RegularExpressions;

namespace SkTuning.Mutants;

/// <summary>A copy of the repository, in which every mutant is compiled in and none is on.</summary>
internal sealed partial class MutatedCopy
{
    private const string Switch = """
        namespace SkTuning;
        public static class Mutant
        {
            private static readonly int On = int.Parse(System.Environment.GetEnvironmentVariable("SKTUNING_MUTANT") ?? "0");
            public static bool Is(int number) => number == On;
        }
        """;

    private readonly string _repository;

    public MutatedCopy(string repository)
    {
        (_repository, Root) = (repository, Path.Combine(repository, "artifacts", "mutants", "repository"));
        foreach (var file in Run("git", repository, "ls-files").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)) Copy(file);
        var (shared, link) = (Path.GetFullPath(Path.Combine(repository, "..", "shared")), Path.Combine(Root, "..", "shared"));
        if (Directory.Exists(shared) && !Path.Exists(link)) Directory.CreateSymbolicLink(link, shared);
        File.WriteAllText(Path.Combine(Root, "src", "SkTuning.Abstractions", "Mutant.cs"), Switch);
    }

    public string Root { get; }

    /// <summary>Writes the mutants into the sources and builds; those that do not compile are left out, until the rest does.</summary>
    /// <returns>The mutants that are compiled in.</returns>
    public IReadOnlyList<Mutation> Build(IReadOnlyList<Mutation> mutants)
    {
        while (true)
        {
            foreach (var file in mutants.GroupBy(m => m.File))
            {
                var code = File.ReadAllText(Path.Combine(_repository, file.Key));
                foreach (var mutant in file.OrderByDescending(m => m.Start))
                    code = code[..mutant.Start] + mutant.Switch + code[(mutant.Start + mutant.Before.Length)..];
                File.WriteAllText(Path.Combine(Root, file.Key), code);
            }

            var (exit, output) = Run("dotnet", Root, "build", "SkTuning.sln", "-v", "q", "-nologo", "-p:RunAnalyzers=false", "-p:TreatWarningsAsErrors=false");
            if (exit == 0) return mutants;
            var errors = ErrorPlace().Matches(output).Select(m => (File: Path.GetRelativePath(Root, m.Groups[1].Value), Line: int.Parse(m.Groups[2].Value)))
                .ToHashSet();
            var left = mutants.Where(m => !errors.Contains((m.File, m.Line))).ToList();
            if (left.Count == mutants.Count) throw new InvalidOperationException($"The copy does not build:\n{output}");
            Console.WriteLine($"{mutants.Count - left.Count} mutants do not compile");
            foreach (var file in mutants.Except(left).Select(m => m.File).Distinct()) Copy(file);
            mutants = left;
        }
    }

    [GeneratedRegex(@"^\s*(/.*?\.cs)\((\d+),\d+\): error ", RegexOptions.Multiline)]
    private static partial Regex ErrorPlace();

    private void Copy(string file)
    {
        var target = Path.Combine(Root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Copy(Path.Combine(_repository, file), target, overwrite: true);
    }

    private static (int Exit, string Output) Run(string program, string folder, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
