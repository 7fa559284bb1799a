using System.Diagnostics;
using System.Text.RegularExpressions;

namespace SkTuning.Mutants;

/// <summary>
/// Runs the tests of a package in the copy, until the first failure. A first run of each part of the tests records which of their classes evaluate which
/// mutants, so that a mutant needs these alone, and classes that have changed since.
/// </summary>
/// <param name="root">The folder of the copy.</param>
/// <param name="records">The folder of the records.</param>
/// <param name="key">The key of the mutants that are compiled in.</param>
internal sealed partial class TestRuns(string root, string records, string key)
{
    /// <summary>After these times, no further classes and no further part of the tests are tried: the mutant survives.</summary>
    private static readonly TimeSpan OfClasses = TimeSpan.FromMinutes(3), OfParts = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(8);
    private readonly Dictionary<string, ILookup<int, string>> _reached = [];
    private readonly Dictionary<string, List<string>> _changed = [];
    private readonly Dictionary<string, string> _hashes = [];

    /// <summary>The hash of the tests that a mutant needs.</summary>
    public string HashOf(Mutation mutant) => string.Concat(Parts(mutant.File).Select(HashOf));

    /// <summary>The parts of the tests that a mutant needs and that have not been recorded.</summary>
    public IEnumerable<string> Unknown(Mutation mutant) => Parts(mutant.File).Where(p => !_reached.ContainsKey(p) && !Read(p));

    /// <summary>Records which classes of a part evaluate which mutants.</summary>
    /// <exception cref="InvalidOperationException">A test fails without a mutant.</exception>
    public void Record(string part)
    {
        var file = RecordOf(part);
        File.Delete(file);
        if (Run(Split(part).Project, FilterOf(part), stops: false, ("SKTUNING_MUTANT_REACHED", file)) is { } test)
            throw new InvalidOperationException($"{test} fails without a mutant.");
        File.AppendAllLines(file, [key, .. FilesOf(part).Select(f => $"{f}\t{State.Hash(root, [f])}")]);
        Read(part);
    }

    /// <summary>
    /// Returns the test that a mutant fails, the nearest first: of the classes that evaluate it, then of all classes beside them, because a value that is
    /// computed once (a static field, a model that tests share) counts for the first class that reads it. Null if there is none.
    /// </summary>
    public string? Find(Mutation mutant)
    {
        var (folder, began) = (mutant.File.Split('/')[2], Stopwatch.GetTimestamp());
        var parts = Parts(mutant.File).Select(p => (Part: p, Classes: _reached[p][mutant.Number].Union(_changed[p]).ToList())).Where(p => p.Classes.Count > 0)
            .OrderByDescending(p => Split(p.Part).Folder == folder).ThenBy(p => p.Classes.Count).ToList();
        foreach (var (part, classes) in parts)
        {
            string[] named = [.. classes.Where(c => c.Length > 0).SelectMany(c => new[] { "-class", c })];
            if (named.Length == 0 || Stopwatch.GetElapsedTime(began) > OfClasses) continue;
            if (Run(Split(part).Project, named, stops: true, ("SKTUNING_MUTANT", $"{mutant.Number}")) is { } test) return test;
        }
        began = Stopwatch.GetTimestamp();
        foreach (var (part, _) in parts)
        {
            if (Stopwatch.GetElapsedTime(began) > OfParts) break;
            if (Run(Split(part).Project, FilterOf(part), stops: true, ("SKTUNING_MUTANT", $"{mutant.Number}")) is { } test) return test;
        }
        return null;
    }

    /// <summary>True if a test evaluates a mutant.</summary>
    public bool Reaches(Mutation mutant) => Parts(mutant.File).Any(p => _reached[p].Contains(mutant.Number));

    /// <summary>The parts of the tests that a change of a file needs: the test project of its package, or the folders of a large one.</summary>
    private IEnumerable<string> Parts(string file)
    {
        var package = file.Split('/')[1];
        var project = package switch
        {
            "SkTuning.Tokenizers" or "SkTuning.Onnx" or "SkTuning.Compare" or "SkTuning.Serving" or "SkTuning.Tool" or "SkTuning.Data" => package[9..],
            "SkTuning.Data.Csv" or "SkTuning.Data.Parquet" => "Data",
            "SkTuning.OnnxRuntime" => "Onnx",
            "SkTuning.Baselines" or "SkTuning.Reports" => "Compare",
            "SkTuning.Server" or "SkTuning.ML" => "Serving",
            _ => "",
        };
        if (project.Length > 0) return ["SkTuning.Tests." + project];
        var folders = Directory.GetDirectories(Path.Combine(root, "tests", "SkTuning.Tests")).Where(f => Sources(f).Any())
            .Select(f => "SkTuning.Tests/" + Path.GetFileName(f)).Order(StringComparer.Ordinal);
        return package switch
        {
            "SkTuning.Abstractions" => ["SkTuning.Tests.Data", .. folders],
            "SkTuning.Predictions" => ["SkTuning.Tests.Onnx", .. folders],
            _ => folders,
        };
    }

    private static (string Project, string Folder) Split(string part) => part.Split('/') is [var project, var folder] ? (project, folder) : (part, "");

    private static string[] FilterOf(string part) => Split(part) is (var project, { Length: > 0 } folder)
        ? ["-namespace", $"{project}.{folder}", "-namespace", $"{project}.{folder}.*"] : [];

    private string RecordOf(string part) => Path.Combine(records, part.Replace('/', '.') + ".tsv");

    /// <summary>Reads a record. False if there is none, or if a file without tests has changed since, on which any test may depend.</summary>
    private bool Read(string part)
    {
        if (!File.Exists(RecordOf(part))) return false;
        var lines = File.ReadAllLines(RecordOf(part));
        var at = Array.IndexOf(lines, key);
        if (at < 0) return false;
        var hashes = lines[(at + 1)..].Select(l => l.Split('\t')).ToDictionary(l => l[0], l => l[1]);
        var changed = new List<string>();
        foreach (var file in FilesOf(part))
        {
            if (hashes.GetValueOrDefault(file) == State.Hash(root, [file])) continue;
            var code = File.ReadAllText(Path.Combine(root, file));
            if (!code.Contains("[Fact") && !code.Contains("[Theory")) return false;
            var space = Namespace().Match(code).Groups[1].Value;
            changed.AddRange(TestClass().Matches(code).Select(m => $"{space}.{m.Groups[1].Value}"));
        }
        string[] filter = [.. changed.SelectMany(c => new[] { "-class", c })];
        if (filter.Length > 0 && Run(Split(part).Project, filter, stops: true, ("SKTUNING_MUTANT", "0")) is { } test)
            throw new InvalidOperationException($"{test} fails without a mutant.");
        _changed[part] = changed;
        _reached[part] = lines[..at].Select(l => l.Split('\t')).ToLookup(l => int.Parse(l[0]), l => l[1]);
        return true;
    }

    private List<string> FilesOf(string part) => [.. new[] { part, "Shared" }.SelectMany(f => Sources(Path.Combine(root, "tests", f)))
        .Select(f => Path.GetRelativePath(root, f))];

    private static IEnumerable<string> Sources(string folder) => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories);

    private string HashOf(string part) => _hashes.TryGetValue(part, out var hash) ? hash : _hashes[part] = State.Hash(root, FilesOf(part));

    /// <summary>Returns the first test that fails, or null if all pass. A run that does not end counts as failed.</summary>
    private string? Run(string project, string[] filter, bool stops, (string Name, string Value) variable)
    {
        filter = [.. filter, "-noColor", .. stops ? ["-stopOnFail"] : Array.Empty<string>()];
        var start = new ProcessStartInfo(Path.Combine(root, "artifacts", "bin", project, "debug", project), filter)
        {
            WorkingDirectory = root, RedirectStandardOutput = true, RedirectStandardError = true, Environment = { [variable.Name] = variable.Value },
        };
        using var process = Process.Start(start)!;
        string? failed = null;
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is { } text && Failure().Match(text) is { Success: true } match) failed ??= match.Groups[1].Value;
        };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (process.WaitForExit(Limit))
        {
            process.WaitForExit();   // for the rest of the output
            return process.ExitCode == 0 ? null : failed ?? $"exit code {process.ExitCode}";
        }
        process.Kill(entireProcessTree: true);
        return failed ?? "it does not end";
    }

    [GeneratedRegex(@"^\s*(SkTuning\..+) \[FAIL\]")]
    private static partial Regex Failure();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"class (\w+Tests)\b")]
    private static partial Regex TestClass();
}
