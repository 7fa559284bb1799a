using System.Globalization;
using SkTuning.Diagnostics;

namespace SkTuning.Bench;

/// <summary>The peak memory of a process that chooses 20 of ever more rows with a model of 40 KB. The rows are generated while they are read.</summary>
internal static class PickMemoryBench
{
    private static readonly int[] Counts = [25_000, 100_000, 400_000];
    private static readonly string[] Words = "where is my parcel card was refused the box late bill paid it not good bad here please a".Split(' ');

    public static int Run(string[] arguments)
    {
        if (ChildRun.Option(arguments, "--child") is { } child) return Pick(int.Parse(child, CultureInfo.InvariantCulture), arguments);
        Console.WriteLine("| rows | peak memory | seconds |");
        Console.WriteLine("|---|---|---|");
        foreach (var count in Counts)
        {
            var run = ChildRun.Of(["pick-memory", "--child", $"{count}", .. arguments]);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {count:N0} | {run.Peak / 1e6:F0} MB | {run.Wall:F0} |"));
        }
        return 0;
    }

    private static int Pick(int count, string[] arguments)
    {
        RuntimeSettings.Start(1, fast: true);
        var path = ChildRun.Option(arguments, "--model") ?? Path.Combine("tests", "fixtures", "cases", "micro-model");
        using var model = FrozenModel.Load(path, new() { Device = "cpu" });
        var picks = RowPicks.Of(model, Rows(count), new() { Count = 20 });
        return ChildRun.Report(picks.RowsRead, picks.Candidates);
    }

    private static IEnumerable<Row> Rows(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var words = Enumerable.Range(1, 5 + i % 8).Select(k => Words[(int)((long)i * (k * k + 7) / 3 % Words.Length)]);
            yield return new Row($"{string.Join(' ', words)} {i}", "") { Line = i + 1 };
        }
    }
}
