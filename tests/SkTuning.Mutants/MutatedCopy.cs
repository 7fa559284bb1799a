using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace SkTuning.Mutants;

/// <summary>A copy of the repository, in which every mutant is compiled in and none is on.</summary>
internal sealed partial class MutatedCopy
{
    // Beside the switch, what tells which test classes evaluate which mutants. The packages do not know xunit, hence the reflection.
    private const string Switch = """
        using System.Reflection;
        namespace SkTuning;
        public static class Mutant
        {
            private static readonly int On = int.Parse(Environment.GetEnvironmentVariable("SKTUNING_MUTANT") ?? "0");
            private static readonly Visits? Reached = Environment.GetEnvironmentVariable("SKTUNING_MUTANT_REACHED") is { } file ? new(file) : null;
            public static bool Is(int number)
            {
                Reached?.Add(number);
                return number == On;
            }
            private sealed class Visits(string file)
            {
                [ThreadStatic] private static object? _context;
                [ThreadStatic] private static HashSet<int>? _seen;
                private readonly HashSet<(string, int)> _all = [];
                private readonly Func<object?> _current = Type.GetType("Xunit.TestContext, xunit.v3.core") is { } type
                    ? type.GetProperty("Current")!.GetMethod!.CreateDelegate<Func<object?>>() : () => null;
                public void Add(int number)
                {
                    var context = _current();
                    if (_seen is null || !ReferenceEquals(context, _context)) (_context, _seen) = (context, []);
                    if (!_seen.Add(number)) return;
                    var test = context is null ? null : Of(context, "TestClass");
                    var name = test is null ? "" : (string)Of(test, "TestClassName")!;
                    lock (_all)
                    {
                        if (!_all.Add((name, number))) return;
                        using var stream = new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
                        stream.Write(System.Text.Encoding.UTF8.GetBytes($"{number}\t{name}\n"));
                    }
                }
                private static object? Of(object value, string property) => value.GetType().GetInterfaces().Select(i => i.GetProperty(property))
                    .First(p => p is not null)!.GetValue(value);
            }
        }
        """;

    private const string SwitchFile = "src/SkTuning.Abstractions/Mutant.cs";

    private readonly string _repository;

    public MutatedCopy(string repository, string folder)
    {
        (_repository, Root) = (repository, Path.Combine(folder, "repository"));
        var (shared, link) = (Path.GetFullPath(Path.Combine(repository, "..", "shared")), Path.Combine(folder, "shared"));
        Directory.CreateDirectory(Root);
        if (Directory.Exists(shared) && !Path.Exists(link)) Directory.CreateSymbolicLink(link, shared);
    }

    public string Root { get; }

    /// <summary>Writes the mutants into the sources and builds the tests; those that do not compile are left out, until the rest does.</summary>
    /// <returns>The mutants that are compiled in.</returns>
    public IReadOnlyList<Mutation> Build(IReadOnlyList<Mutation> mutants)
    {
        Copy(mutants);
        var projects = Directory.GetDirectories(Path.Combine(Root, "tests"), "SkTuning.Tests*").Select(Path.GetFileName)
            .Select(p => $"\"tests/{p}/{p}.csproj\"");
        Write("tests.slnf", Encoding.UTF8.GetBytes($$$"""{"solution": {"path": "SkTuning.sln", "projects": [{{{string.Join(',', projects)}}}] } }"""));
        while (true)
        {
            var (exit, output) = Run("dotnet", Root, "build", "tests.slnf", "-v", "q", "-nologo", "-p:RunAnalyzers=false", "-p:TreatWarningsAsErrors=false");
            if (exit == 0) return mutants;
            var errors = ErrorPlace().Matches(output).Select(m => (File: Path.GetRelativePath(Root, m.Groups[1].Value), Line: int.Parse(m.Groups[2].Value)))
                .ToHashSet();
            var left = mutants.Where(m => !errors.Contains((m.File, m.Line))).ToList();
            if (left.Count == mutants.Count) throw new InvalidOperationException($"The copy does not build:\n{output}");
            Console.WriteLine($"{mutants.Count - left.Count} mutants do not compile");
            mutants = left;
            Copy(mutants);
        }
    }

    [GeneratedRegex(@"^\s*(/.*?\.cs)\((\d+),\d+\): error ", RegexOptions.Multiline)]
    private static partial Regex ErrorPlace();

    /// <summary>Makes the copy what the repository is, with mutants.</summary>
    private void Copy(IReadOnlyList<Mutation> mutants)
    {
        var mutated = mutants.ToLookup(m => m.File);
        var files = Run("git", _repository, "ls-files").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(f => File.Exists(Path.Combine(_repository, f))).ToHashSet();
        foreach (var file in files) Write(file, mutated.Contains(file) ? Mutated(file, mutated[file]) : File.ReadAllBytes(Path.Combine(_repository, file)));
        Write(SwitchFile, Encoding.UTF8.GetBytes(Switch));
        files.Add(SwitchFile);
        foreach (var part in new[] { "src", "tests" })
            foreach (var file in Directory.EnumerateFiles(Path.Combine(Root, part), "*", SearchOption.AllDirectories))
                if (!files.Contains(Path.GetRelativePath(Root, file))) File.Delete(file);
    }

    private byte[] Mutated(string file, IEnumerable<Mutation> mutants)
    {
        var code = File.ReadAllText(Path.Combine(_repository, file));
        foreach (var mutant in mutants.OrderByDescending(m => m.Start))
            code = code[..mutant.Start] + mutant.Switch + code[(mutant.Start + mutant.Before.Length)..];
        return Encoding.UTF8.GetBytes(code);
    }

    /// <summary>Writes a file unless it has that content, so that what has not changed is not built again.</summary>
    private void Write(string file, byte[] content)
    {
        var target = Path.Combine(Root, file);
        if (File.Exists(target) && File.ReadAllBytes(target).AsSpan().SequenceEqual(content)) return;
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.WriteAllBytes(target, content);
        if (!OperatingSystem.IsWindows() && File.Exists(Path.Combine(_repository, file)))
            File.SetUnixFileMode(target, File.GetUnixFileMode(Path.Combine(_repository, file)));
    }

    private static (int Exit, string Output) Run(string program, string folder, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
