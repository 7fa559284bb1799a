using System.Globalization;
using System.Text;
using SkTuning.Data;

namespace SkTuning.Bench;

/// <summary>
/// Ordered levels as a task of its own against the same levels as unrelated classes and as numbers that are rounded. The data set is stsb, whose scores from 0
/// to 5 are rounded to six levels. All adapters train on the same rows, which a seed draws, with the defaults of the library and without dev rows.
/// </summary>
internal static class OrdinalBench
{
    private const int Levels = 6;

    /// <summary>What is measured of one training.</summary>
    private sealed record Cell(OrdinalReport Report, double Seconds);

    /// <summary>A way to predict levels.</summary>
    private sealed record Arm(string Name, Func<TrainingSession, IReadOnlyList<Row>, IReadOnlyList<Row>, TuningOptions, TrainingOptions, Cell> Run);

    public static int Run(string[] args)
    {
        var setup = new TrainingSetup(["--rows", "0", .. args]);
        var sizes = Numbers("--rows", "300,1000");
        var (seeds, methods) = (Numbers("--seeds", "1,2,3"), (ChildRun.Option(args, "--methods") ?? "probe,lora").Split(','));
        var (split, most) = (ChildRun.Option(args, "--measure") ?? "test", Numbers("--test-rows", "2000")[0]);
        var head = new OrdinalHeadOptions
        {
            FeatureScale = Number("--scale") ?? new OrdinalHeadOptions().FeatureScale,
            PriorWeight = Number("--prior") ?? new OrdinalHeadOptions().PriorWeight,
        };
        var only = ChildRun.Option(args, "--only");
        Arm[] arms =
        [
            new("ordinal", Ordinal(head)), new("ordinal, head semantic", Ordinal(new SemanticHeadOptions())), new("single-label", Classes),
            new("regression, rounded", Rounded),
        ];
        arms = [.. arms.Where(a => only is null || a.Name == only)];
        var folder = Path.Combine(setup.Shared, "data", "stsb");
        IReadOnlyList<Row> Read(string name) => [.. RowFile.Load(Path.Combine(folder, name + ".tsv")).Select(Leveled)];
        var (train, test) = (Read("train"), Read(split).Take(most).ToList());
        using var model = setup.Load();
        using var session = new TrainingSession(model);
        var table = new StringBuilder();
        Line($"{Path.GetFileName(setup.ModelPath)}, stsb in {Levels} levels, {test.Count} rows of {split}, seeds {string.Join(", ", seeds)}: "
            + "mean ± standard deviation.");
        Line("");
        Line("| method | rows | task | mean absolute error | quadratic kappa | Spearman | off by one | accuracy | seconds |");
        Line("|---|---|---|---|---|---|---|---|---|");
        foreach (var method in methods)
            foreach (var rows in sizes)
                foreach (var arm in arms)
                {
                    var cells = seeds.Select(seed => arm.Run(session, Draw(train, rows, seed), test, TuningOptions.Create(method),
                        new() { Seed = (ulong)seed, Folds = 0 })).ToList();
                    string Of(Func<OrdinalReport, double> value)
                    {
                        var values = cells.Select(c => value(c.Report)).ToArray();
                        var deviation = Math.Sqrt(values.Sum(v => (v - values.Average()) * (v - values.Average())) / Math.Max(1, values.Length - 1));
                        return string.Create(CultureInfo.InvariantCulture, $"{values.Average():F3} ± {deviation:F3}");
                    }
                    var seconds = cells.Average(c => c.Seconds).ToString("F0", CultureInfo.InvariantCulture);
                    Line($"| {method} | {rows} | {arm.Name} | {Of(r => r.MeanAbsoluteError)} | {Of(r => r.QuadraticKappa)} | "
                        + $"{Of(r => r.Spearman)} | {Of(r => r.OffByOneAccuracy)} | {Of(r => r.Accuracy)} | {seconds} |");
                }
        if (ChildRun.Option(args, "--into") is { } into) MarkedText.Insert(into, "ordinal", table.ToString().TrimEnd());
        return 0;

        void Line(string text)
        {
            Console.WriteLine(text);
            table.Append(text).Append('\n');
        }

        int[] Numbers(string name, string orElse)
            => [.. (ChildRun.Option(args, name) ?? orElse).Split(',').Select(n => int.Parse(n, CultureInfo.InvariantCulture))];

        double? Number(string name) => ChildRun.Option(args, name) is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : null;
    }

    /// <summary>Rounds the score of a row to a level.</summary>
    private static Row Leveled(Row row) => new(row.Text, $"{Level(row.Score())}") { Text2 = row.Text2 };

    private static int Level(double score) => (int)Math.Clamp(Math.Round(score, MidpointRounding.AwayFromZero), 0, Levels - 1);

    private static IReadOnlyList<Row> Draw(IReadOnlyList<Row> rows, int count, int seed)
    {
        var order = Enumerable.Range(0, rows.Count).ToArray();
        new Shuffler((ulong)seed).Shuffle<int>(order);
        return [.. order.Take(count).Select(i => rows[i])];
    }

    private static Func<TrainingSession, IReadOnlyList<Row>, IReadOnlyList<Row>, TuningOptions, TrainingOptions, Cell> Ordinal(HeadOptions head)
        => (session, train, test, method, training) =>
        {
            using var tuned = OrdinalClassifier.Train(session, train, new() { Method = method, Training = training, Head = head });
            return new(tuned.Evaluate(test), tuned.Report!.Seconds);
        };

    private static Cell Classes(TrainingSession session, IReadOnlyList<Row> train, IReadOnlyList<Row> test, TuningOptions method, TrainingOptions training)
    {
        using var tuned = TextClassifier.Train(session, train, new() { Method = method, Training = training });
        var predicted = tuned.PredictPairs([.. test.Select(r => (r.Text, r.Text2))]);
        return new(Report(test, predicted.Select(p => Level(double.Parse(p.Label, CultureInfo.InvariantCulture))),
            predicted.Select(p => p.Scores.Sum(s => s.Value * double.Parse(s.Key, CultureInfo.InvariantCulture)))), tuned.Report!.Seconds);
    }

    private static Cell Rounded(TrainingSession session, IReadOnlyList<Row> train, IReadOnlyList<Row> test, TuningOptions method, TrainingOptions training)
    {
        using var tuned = TextRegressor.Train(session, train, new() { Method = method, Training = training });
        var predicted = tuned.PredictPairs([.. test.Select(r => (r.Text, r.Text2))]);
        return new(Report(test, predicted.Select(p => Level(p.Value)), predicted.Select(p => p.Value)), tuned.Report!.Seconds);
    }

    private static OrdinalReport Report(IReadOnlyList<Row> test, IEnumerable<int> predicted, IEnumerable<double> expected)
        => OrdinalReport.Of([.. test.Select(r => Level(r.Score()))], [.. predicted], [.. expected]);
}
