// Plants small faults in the code of the packages, one at a time, and counts those that the tests find:
//
//   dotnet run --project tests/SkTuning.Mutants -c Release [-- COUNT [SEEDS [FOLDER]]] [--minutes M]
//
// For each of the SEEDS ("1", or "1,2,3") COUNT faults (30), at most one in a file, are drawn from all expressions of src, or of a FOLDER below it: the same
// ones as long as their code is as it was, whatever changes elsewhere. The copy that is mutated is in artifacts/mutants. Each fault is tried with the tests
// of its package that evaluate the expression, those of its folder first.
//
// A fault that four minutes of tests do not find has survived. After M minutes the program ends; with the same arguments it goes on, and tries a fault that has
// survived again only if tests have changed. Without artifacts/mutants it starts anew. What no test can find is listed in equivalents.txt, with reasons, and
// does not count. The exit code is 1 if fewer than 85 % are found, and 3 if there is more to try.
using System.Diagnostics;
using SkTuning.Mutants;

var began = Stopwatch.GetTimestamp();
var limit = TimeSpan.MaxValue;
if (Array.IndexOf(args, "--minutes") is >= 0 and var at) (limit, args) = (TimeSpan.FromMinutes(int.Parse(args[at + 1])), [.. args[..at], .. args[(at + 2)..]]);
var count = args is [var first, ..] ? int.Parse(first) : 30;
var seeds = (args is [_, var second, ..] ? second : "1").Split(',').Select(int.Parse).ToList();
var below = "src/" + (args is [_, _, var third] ? third : "");

var home = new DirectoryInfo(AppContext.BaseDirectory);
while (home is not null && !File.Exists(Path.Combine(home.FullName, "SkTuning.sln"))) home = home.Parent;
var repository = home?.FullName ?? throw new InvalidOperationException("This program runs inside the repository.");
var folder = Path.Combine(repository, "artifacts", "mutants");

var files = Directory.EnumerateFiles(Path.Combine(repository, "src"), "*.cs", SearchOption.AllDirectories)
    .Select(f => Path.GetRelativePath(repository, f)).Where(f => !f.Contains("/obj/")).Order(StringComparer.Ordinal).ToList();
Mutation[] all = [.. files.SelectMany(f => Mutator.Find(f, File.ReadAllText(Path.Combine(repository, f))))];
var equivalents = new Equivalents(Path.Combine(repository, "tests", "SkTuning.Mutants", "equivalents.txt"), all);
all = [.. all.Where(m => m.File.StartsWith(below, StringComparison.Ordinal))];

var copy = new MutatedCopy(repository, folder);
var path = Path.Combine(folder, "state.json");
var key = $"{count} {string.Join(',', seeds)} {below} {State.Hash(repository, files)}";
var state = State.Load(path, key);
if (state is null)
{
    // More than are tried, because some do not compile.
    var drawn = new List<(int Seed, Mutation Mutation)>();
    foreach (var seed in seeds)
    {
        var others = all.OrderBy(m => m.Place(seed), StringComparer.Ordinal).DistinctBy(m => m.File).Where(m => !drawn.Any(d => d.Mutation.Overlaps(m)));
        foreach (var mutant in others.Take(2 * count).ToList())
            drawn.Add((seed, mutant with { Number = drawn.Count + 1 }));
    }
    var planted = copy.Build([.. drawn.Select(d => d.Mutation)]).Select(m => m.Number).ToHashSet();
    state = new(key, drawn.Where(d => planted.Contains(d.Mutation.Number)).GroupBy(d => d.Seed, d => d.Mutation)
        .ToDictionary(g => g.Key, g => g.ToArray()), []);
    state.Save(path);
}
else
{
    copy.Build([.. state.Planted.Values.SelectMany(m => m)]);
}

Console.WriteLine(FormattableString.Invariant($"{all.Length:N0} expressions; built in {Stopwatch.GetElapsedTime(began).TotalSeconds:F0} s"));
var runs = new TestRuns(copy.Root, folder, key);
var (tried, found) = (0, 0);
foreach (var seed in seeds)
{
    var (ofSeed, foundOfSeed) = (0, 0);
    foreach (var mutant in state.Planted[seed])
    {
        if (ofSeed == count) break;
        if (equivalents.ReasonFor(mutant) is { } reason)
        {
            Console.WriteLine($"    equivalent       {mutant}\n                     {reason}");
            continue;
        }

        if (!state.Results.TryGetValue(mutant.Number, out var result) || result.FoundBy is null && result.Tests != runs.HashOf(mutant))
        {
            foreach (var part in runs.Unknown(mutant).ToList())
            {
                EndAtLimit();
                var recording = Stopwatch.GetTimestamp();
                runs.Record(part);
                Console.WriteLine(FormattableString.Invariant($"{part}: recorded in {Stopwatch.GetElapsedTime(recording).TotalSeconds:F0} s"));
            }
            EndAtLimit();
            var start = Stopwatch.GetTimestamp();
            state.Results[mutant.Number] = result = new(runs.Find(mutant), runs.HashOf(mutant));
            state.Save(path);
            Console.WriteLine(FormattableString.Invariant(
                $"{tried + 1,3} {(result.FoundBy is null ? "SURVIVES" : "found   ")} {Stopwatch.GetElapsedTime(start).TotalSeconds,4:F0} s  {mutant}"));
            Console.WriteLine($"                     {result.FoundBy ?? (runs.Reaches(mutant) ? "evaluated, and all tests pass" : "no test evaluates it")}");
        }
        else
        {
            Console.WriteLine($"{tried + 1,3} {(result.FoundBy is null ? "SURVIVES" : "found   ")} before  {mutant}");
        }

        (tried, ofSeed) = (tried + 1, ofSeed + 1);
        if (result.FoundBy is not null) (found, foundOfSeed) = (found + 1, foundOfSeed + 1);
    }
    Console.WriteLine(FormattableString.Invariant($"seed {seed}: {foundOfSeed} of {ofSeed} found, {100.0 * foundOfSeed / ofSeed:F0} %"));
}
Console.WriteLine(FormattableString.Invariant($"{found} of {tried} found, {100.0 * found / tried:F0} %"));
return found >= 0.85 * tried ? 0 : 1;

void EndAtLimit()
{
    if (Stopwatch.GetElapsedTime(began) < limit) return;
    Console.WriteLine($"{tried} tried so far, {found} found; the same command goes on.");
    Environment.Exit(3);
}
