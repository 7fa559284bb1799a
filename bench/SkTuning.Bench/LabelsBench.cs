using System.Globalization;
using SkTuning.Data;
using SkTuning.Diagnostics;

namespace SkTuning.Bench;

/// <summary>
/// How well <c>sktuning data check</c> finds wrong labels: of 1,000 training rows, 5 % get another label at random. Precision is the fraction of flipped labels
/// among the 50 most suspicious rows.
/// </summary>
internal static class LabelsBench
{
    private const double Flipped = 0.05;

    public static int Run(string[] arguments)
    {
        var setup = new TrainingSetup(arguments);
        var count = int.Parse(ChildRun.Option(arguments, "--check-rows") ?? "1000", CultureInfo.InvariantCulture);
        var (first, seeds) = (Number("--first-seed", 1), Number("--seeds", 3));
        string[] sets = (ChildRun.Option(arguments, "--data") ?? "ag_news,trec6").Split(',');
        using var model = setup.Load();
        Console.WriteLine("| data | seed | precision at the number flipped | listed rows, flipped among them | listed rows of the clean file |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var data in sets)
        {
            var all = RowFile.Load(Path.Combine(setup.Shared, "data", data, "train.tsv"));
            var precisions = new List<double>();
            for (var seed = first; seed < first + seeds; seed++)
            {
                var random = new Shuffler((ulong)seed);
                var order = all.ToArray();
                random.Shuffle<Row>(order);
                var clean = order[..Math.Min(count, order.Length)];
                var (rows, wrong) = Flip(clean, random);
                var (found, before) = (LabelCheck.Of(model, rows), LabelCheck.Of(model, clean));
                precisions.Add((double)found.Ranking.Take(wrong.Count).Count(wrong.Contains) / wrong.Count);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {data} | {seed} | {precisions[^1]:F2} | "
                    + $"{found.Issues.Count}, {found.Issues.Count(i => wrong.Contains(i.Index))} of {wrong.Count} | {before.Issues.Count} |"));
            }
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {data} | mean | **{precisions.Average():F2}** | | |"));
        }
        return 0;

        int Number(string name, int otherwise) => int.Parse(ChildRun.Option(arguments, name) ?? $"{otherwise}", CultureInfo.InvariantCulture);
    }

    /// <summary>Gives some rows another label, each of the others with the same probability.</summary>
    private static (IReadOnlyList<Row> Rows, HashSet<int> Wrong) Flip(Row[] clean, Shuffler random)
    {
        var labels = LabelSet.Of(clean);
        var order = Enumerable.Range(0, clean.Length).ToArray();
        random.Shuffle<int>(order);
        var wrong = order[..(int)Math.Round(Flipped * clean.Length)].ToHashSet();
        return ([.. clean.Select((row, i) => !wrong.Contains(i) ? row
            : row with { Label = labels[(labels.IndexOf(row.Label) + 1 + random.Next(labels.Count - 1)) % labels.Count] })], wrong);
    }
}
