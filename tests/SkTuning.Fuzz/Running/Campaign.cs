using System.Diagnostics;
using System.Globalization;

namespace SkTuning.Fuzz.Running;

/// <summary>Runs inputs over all readers in turn, on several workers, and reports what went wrong.</summary>
internal sealed class Campaign(Arguments arguments)
{
    private const int MaxSavedOfGroup = 20;

    private readonly Lock _lock = new();
    private readonly Tally _tally = new();
    private readonly List<Finding> _findings = [];
    private readonly Dictionary<string, int> _groups = [];

    public int Run()
    {
        var work = Directory.CreateTempSubdirectory("sktuning-fuzz").FullName;
        var clock = Stopwatch.StartNew();
        try
        {
            var readers = Readers.AllReaders.All.Index()
                .Where(r => arguments.Readers.Count == 0 || arguments.Readers.Contains(r.Item.Name)).ToList();
            CsvFormat.Register();
            ParquetFormat.Register();
            RuntimeSettings.Start(threads: 1, fast: true);
            foreach (var (_, reader) in readers) SeedFolder.Write(work, reader);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"Seed {arguments.Seed}, about {arguments.Count} inputs, {arguments.Workers} workers. "
                + $"Valid inputs made in {clock.Elapsed.TotalSeconds:F0} s."));
            var seeds = readers.ToDictionary(r => r.Index, r => SeedFolder.Read(work, r.Item));
            var plan = Plan(readers, seeds).GetEnumerator();
            var threads = Enumerable.Range(0, arguments.Workers).Select(_ => new Thread(() => Work(work, plan, seeds, clock))).ToList();
            foreach (var thread in threads) thread.Start();
            foreach (var thread in threads) thread.Join();
        }
        finally { Directory.Delete(work, recursive: true); }
        Summarize(clock.Elapsed);
        return _findings.Count == 0 ? 0 : 1;
    }

    /// <summary>The readers in turn, as often as their weight says, so that a run that is stopped early has tried each of them.</summary>
    private IEnumerable<(int Reader, int Index)> Plan(List<(int Index, Reader Item)> readers, Dictionary<int, IReadOnlyList<Seed>> seeds)
    {
        if (arguments.Index is { } single)
        {
            foreach (var (reader, _) in readers) yield return (reader, single);
            yield break;
        }
        var next = readers.ToDictionary(r => r.Index, _ => 0);
        foreach (var (reader, _) in readers)
            while (next[reader] < seeds[reader].Count) yield return (reader, next[reader]++);
        for (var given = next.Values.Sum(); given < arguments.Count;)
        {
            foreach (var (reader, item) in readers)
                for (var times = item.Weight; times > 0 && given < arguments.Count; times--, given++) yield return (reader, next[reader]++);
        }
    }

    private void Work(string work, IEnumerator<(int Reader, int Index)> plan, Dictionary<int, IReadOnlyList<Seed>> seeds, Stopwatch clock)
    {
        using var worker = new WorkerProcess(work);
        while (true)
        {
            (int Reader, int Index) next;
            lock (_lock)
            {
                if (clock.Elapsed.TotalMinutes > arguments.Minutes || !plan.MoveNext()) return;
                next = plan.Current;
            }
            var reader = Readers.AllReaders.All[next.Reader];
            var outcome = worker.Run(reader.Name, arguments.Seed.ToString(CultureInfo.InvariantCulture),
                next.Index.ToString(CultureInfo.InvariantCulture));
            lock (_lock)
            {
                _tally.Add(next.Reader, outcome);
                if (arguments.Index is not null) Console.WriteLine($"{outcome.Kind} {outcome.Head}\n{outcome.Message}");
                if (outcome.IsFinding) Found(reader, seeds[next.Reader], next.Index, outcome);
            }
        }
    }

    private void Found(Reader reader, IReadOnlyList<Seed> seeds, int index, Outcome outcome)
    {
        var group = $"{reader.Name}: {outcome.Kind}: {outcome.Head}";
        _groups[group] = _groups.GetValueOrDefault(group) + 1;
        var finding = _groups[group] <= MaxSavedOfGroup ? Finding.Save(arguments.Artifacts, reader, seeds, arguments.Seed, index, outcome)
            : new(reader.Name, arguments.Seed, index, outcome, "(not saved: the group has enough)");
        _findings.Add(finding);
        Console.WriteLine(finding.Line);
    }

    private void Summarize(TimeSpan elapsed)
    {
        Console.WriteLine();
        Console.WriteLine(_tally.Markdown());
        foreach (var group in _findings.GroupBy(f => f.Group).OrderByDescending(g => g.Count()))
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{group.Count()} x {group.Key}"));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"    --reader {group.First().Reader} --seed {arguments.Seed} --index {group.First().Index}"));
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{_findings.Count} findings of {_findings.Select(f => f.Group).Distinct().Count()} kinds in {elapsed.TotalSeconds:F0} s."));
    }

    /// <summary>Runs the input of a saved finding again.</summary>
    public static int Replay(string folder)
    {
        var (reader, input) = Finding.Read(Path.GetFullPath(folder));
        var work = Directory.CreateTempSubdirectory("sktuning-fuzz").FullName;
        try
        {
            using var worker = new WorkerProcess(work);
            var outcome = worker.Run(reader, input);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{outcome.Kind} {outcome.Head} ({outcome.Milliseconds} ms, {outcome.Growth >> 20} MB)\n{outcome.Message}"));
            return outcome.IsFinding ? 1 : 0;
        }
        finally { Directory.Delete(work, recursive: true); }
    }
}
