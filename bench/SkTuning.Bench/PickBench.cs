using System.Globalization;
using SkTuning.Clusters;
using SkTuning.Data;
using SkTuning.Diagnostics;
using static TorchSharp.torch;

namespace SkTuning.Bench;

/// <summary>
/// Which rows to label next, on banking77: the training rows without their labels are the pool. Rows are picked as <c>sktuning data pick</c> does without an
/// adapter, or at random; then their labels are revealed, the head alone is fitted to them, and measured on the test rows. Every row is read once.
/// </summary>
internal static class PickBench
{
    private static readonly int[] PerLabel = [1, 2, 4, 10];

    public static int Run(string[] arguments)
    {
        var setup = new TrainingSetup(arguments);
        var data = ChildRun.Option(arguments, "--data") ?? "banking77";
        var seeds = int.Parse(ChildRun.Option(arguments, "--seeds") ?? "5", CultureInfo.InvariantCulture);
        var (train, test) = (Read("train"), Read("test"));
        var pool = Candidates.Of(train, new(), new(1), default).Rows.Select(c => c.Item).ToList();
        var labels = LabelSet.Of(train);
        using var model = setup.Load();
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var adapter = FrozenStates.Open(model, new(), labels, pairs: false);
        var (states, testStates) = (States(pool), States(test));
        var names = FrozenStates.Read(adapter, [.. adapter.Definition.LabelDescriptions!.Select(t => new Row(t[0], ""))], default)
            .to_type(ScalarType.Float64).split(1);
        var mapped = FrozenStates.Map(model, states).Map(states).to_type(ScalarType.Float32);
        var points = new Vectors(mapped.data<float>().ToArray(), (int)mapped.shape[1]);
        Console.WriteLine($"| labeled rows | typical: accuracy | random: accuracy | typical: labels covered | random: labels covered |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var budget in PerLabel.Select(n => n * labels.Count))
        {
            var typical = Enumerable.Range(1, seeds).Select(seed => Score([.. TypicalRows.Of(points, pool.Count, budget, new((ulong)seed), default)
                .Select(c => c.Index)])).ToList();
            var random = Enumerable.Range(1, seeds).Select(seed => Score(Random(pool.Count, budget, (ulong)seed))).ToList();
            Console.WriteLine($"| {budget} | {Mean(typical, s => 100 * s.Accuracy)} | {Mean(random, s => 100 * s.Accuracy)} | {Mean(typical, s => s.Labels)} | "
                + $"{Mean(random, s => s.Labels)} |");
        }
        return 0;

        IReadOnlyList<Row> Read(string split) => RowFile.Load(Path.Combine(setup.Shared, "data", data, split + ".tsv"));

        Tensor States(IReadOnlyList<Row> rows) => FrozenStates.Read(adapter, rows, default).to_type(ScalarType.Float64);

        // A label without a row is not known to the head.
        (double Accuracy, int Labels) Score(int[] chosen)
        {
            using var inner = NewDisposeScope();
            var known = LabelSet.Of(chosen.Select(i => pool[i]));
            var head = new HeadOnStates(model.Config.Causal, [.. known.Select(l => names[labels.IndexOf(l)])], new());
            var probabilities = head.Probabilities(states.index_select(0, tensor(chosen.Select(i => (long)i).ToArray())),
                [.. chosen.Select(i => known.IndexOf(pool[i].Label))], testStates, default);
            var right = probabilities.Zip(test).Count(p => known[Array.IndexOf(p.First, p.First.Max())] == p.Second.Label);
            return ((double)right / test.Count, known.Count);
        }
    }

    private static int[] Random(int count, int budget, ulong seed)
    {
        var order = Enumerable.Range(0, count).ToArray();
        new Shuffler(seed).Shuffle<int>(order);
        return order[..budget];
    }

    private static string Mean(List<(double Accuracy, int Labels)> scores, Func<(double Accuracy, int Labels), double> of)
    {
        double[] values = [.. scores.Select(of)];
        var mean = values.Average();
        var deviation = values.Length < 2 ? 0 : Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1));
        return string.Create(CultureInfo.InvariantCulture, $"{mean:F1} ± {deviation:F1}");
    }
}
