// Plants small faults in the code of the packages, one at a time, and counts those that the tests find:
//
//   dotnet run --project tests/SkTuning.Mutants -c Release [-- COUNT [SEED [FOLDER]]]
//
// COUNT faults (30), at most one in a file, are drawn from all expressions of src, or of a FOLDER below it, by SEED (1). The copy that is
// mutated is in artifacts/mutants. Each fault is tried with the tests of its folder and, if they pass, with all tests of its package. The exit
// code is 1 if fewer than 85 % are found.
using System.Diagnostics;
using SkTuning.Mutants;

var count = args is [var first, ..] ? int.Parse(first) : 30;
var random = new Random(args is [_, var second, ..] ? int.Parse(second) : 1);
var below = "src/" + (args is [_, _, var third] ? third : "");

var folder = new DirectoryInfo(AppContext.BaseDirectory);
while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "SkTuning.sln"))) folder = folder.Parent;
var repository = folder?.FullName ?? throw new InvalidOperationException("This program runs inside the repository.");

var copy = new MutatedCopy(repository);
var files = Directory.EnumerateFiles(Path.Combine(repository, "src"), "*.cs", SearchOption.AllDirectories)
    .Select(f => Path.GetRelativePath(repository, f)).Where(f => f.StartsWith(below, StringComparison.Ordinal) && !f.Contains("/obj/"))
    .Order(StringComparer.Ordinal);
Mutation[] all = [.. files.SelectMany(f => Mutator.Find(f, File.ReadAllText(Path.Combine(repository, f))))];
random.Shuffle(all);

// More than are tried, because some do not compile; one in a file, so that they cannot overlap.
var planted = copy.Build([.. all.DistinctBy(m => m.File).Take(2 * count).Select((m, i) => m with { Number = i + 1 })]);
var mutants = planted.Take(count).ToList();
Console.WriteLine($"{all.Length:N0} expressions, {mutants.Count} mutants");

var runs = new TestRuns(copy.Root);
var whole = new Dictionary<string, bool>();
var survivors = new List<Mutation>();
foreach (var (index, mutant) in mutants.Index())
{
    var start = Stopwatch.GetTimestamp();
    var survives = true;
    foreach (var tests in runs.For(mutant.File))
    {
        var key = string.Join(' ', tests);
        if (!whole.TryGetValue(key, out var passes)) whole[key] = passes = runs.Pass(tests, mutant: 0);
        if (!passes) throw new InvalidOperationException($"{key} fails without a mutant.");
        survives = runs.Pass(tests, mutant.Number);
        if (!survives) break;
    }

    if (survives) survivors.Add(mutant);
    Console.WriteLine(FormattableString.Invariant(
        $"{index + 1,3} {(survives ? "SURVIVES" : "found   ")} {Stopwatch.GetElapsedTime(start).TotalSeconds,4:F0} s  {mutant}"));
}

var found = mutants.Count - survivors.Count;
Console.WriteLine(FormattableString.Invariant($"{found} of {mutants.Count} found, {100.0 * found / mutants.Count:F0} %"));
return found >= 0.85 * mutants.Count ? 0 : 1;
