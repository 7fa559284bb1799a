using System.Diagnostics;
using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Classifiers.SingleLabel;
using SkTuning.Data;
using SkTuning.Training;
using static TorchSharp.torch;

namespace SkTuning.Bench;

/// <summary>
/// One epoch of steps with batches of similar length, with random batches padded to their longest row, and with random batches padded to the longest row of
/// all, alternating after each tenth of the epoch.
/// </summary>
internal static class BucketsBench
{
    private const int BatchSize = 16, Turns = 10;

    public static int Run(string[] arguments)
    {
        var setup = new TrainingSetup(arguments);
        using var model = setup.Load();
        var rows = setup.Read("train", setup.Rows);
        var labels = LabelSet.Of(rows);
        using var runtime = new AdapterModel(model, AdapterPlan.Create(model, setup.Options(setup.Method(model, 0), new()), SingleLabelTask.Untrained, labels));
        EncodedRow[] encoded = [.. rows.Select(r => runtime.Encoder.Encode(r.Text) with { Classes = [labels.GetIndex(r.Label)] })];
        int[] lengths = [.. encoded.Select(r => r.Ids.Length)];
        var longest = lengths.Max();
        var objective = new SingleLabelObjective(labels);
        using var optimizer = new AdamW(runtime.Tuned.Parameters, 0.01);
        var step = new TrainingStep(runtime.Tuned, optimizer, 1, objective);

        var order = Enumerable.Range(0, encoded.Length).ToArray();
        new Shuffler(1).Shuffle<int>(order);
        int[][] random = [.. order.Chunk(BatchSize)];
        (string Name, IReadOnlyList<int[]> Batches, bool ToLongest)[] ways =
        [
            ("length buckets", LengthBuckets.Shuffled(lengths, BatchSize, 1, 1), false),
            ("random order, padded to the batch's longest row", random, false),
            ("random order, padded to the longest row of all", random, true),
        ];
        foreach (var way in ways) Take(way.Batches.Take(3), way.ToLongest);                            // warm-up
        var seconds = new double[ways.Length];
        for (var turn = 0; turn < Turns; turn++)
            for (var w = 0; w < ways.Length; w++)
            {
                var clock = Stopwatch.StartNew();
                Take(ways[w].Batches.Where((_, i) => i % Turns == turn), ways[w].ToLongest);
                seconds[w] += clock.Elapsed.TotalSeconds;
            }
        Console.WriteLine($"{setup}; batches of {BatchSize}; longest row {longest} tokens, mean {lengths.Average():F1}");
        for (var w = 0; w < ways.Length; w++)
        {
            var padded = ways[w].Batches.Sum(b => (long)b.Length * (ways[w].ToLongest ? longest : b.Max(r => lengths[r])));
            Console.WriteLine($"  {ways[w].Name,-50} {seconds[w],7:F1} s an epoch, {seconds[w] / seconds[0]:F2} x buckets; " +
                $"{padded / (double)lengths.Sum():F2} tokens computed for each of the rows'");
        }
        return 0;

        void Take(IEnumerable<int[]> batches, bool toLongest)
        {
            foreach (var chosen in batches)
            {
                using var scope = NewDisposeScope();
                EncodedRow[] those = [.. chosen.Select(r => encoded[r])];
                using var batch = toLongest ? Padded(those, longest) : TokenBatch.Of(those, CPU);
                step.Take(batch, objective.Targets(those, CPU), 1e-3, 1e-3);
            }
        }
    }

    private static TokenBatch Padded(EncodedRow[] rows, int width)
    {
        var (ids, mask) = (new long[rows.Length * width], new long[rows.Length * width]);
        for (var r = 0; r < rows.Length; r++)
            for (var t = 0; t < rows[r].Ids.Length; t++) (ids[r * width + t], mask[r * width + t]) = (rows[r].Ids[t], 1);
        return new(tensor(ids, [rows.Length, width]), tensor(mask, [rows.Length, width]));
    }
}
