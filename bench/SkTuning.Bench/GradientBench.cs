using System.Globalization;
using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Classifiers.SingleLabel;
using SkTuning.Native;
using SkTuning.Training;
using static TorchSharp.torch;

namespace SkTuning.Bench;

/// <summary>
/// The effect of bf16 on the gradient of a step, initially and after some steps, and on the accuracy on sst2 over several seeds, compared with fp32.
/// </summary>
internal static class GradientBench
{
    private const int StepsBetween = 20;
    private const string Marker = "gradient";

    private static readonly (string Name, string Path)[] Models = [("minilm", "minilm"), ("smollm2", "smollm2")];

    public static int Run(string[] arguments)
    {
        var (rows, epochs, seeds) = (Number("--rows", 1000), Number("--epochs", 3), Number("--seeds", 3));
        var setup = new TrainingSetup(arguments);
        // Without bf16 instructions, bf16 can be slower by a factor of hundreds.
        var (fast, reason) = BFloat16Support.On(CPU);
        fast |= arguments.Contains("--accuracy");
        var (batches, size) = fast ? (4, 16) : (2, 4);
        List<string> gradients = ["| model | parameters | adapter | head | after 20 steps in fp32: adapter | head |", "|---|---|---|---|---|---|"];
        foreach (var (name, path) in Models.Where(m => ChildRun.Option(arguments, "--only") is not { } only || m.Name == only))
            gradients.Add(Gradients(name, Path.Combine(setup.Shared, "models", path), setup, batches, size));

        var head = $"Norm of the difference to the gradient of fp32 over the norm of that, the largest of {batches} batches of {size} rows of sst2 " +
            $"({DateTime.UtcNow:yyyy-MM-dd}; {reason}):";
        List<string> accuracies = fast ? Accuracies(setup, rows, epochs, seeds) : ["Accuracy: not measured on this machine."];
        var table = string.Join('\n', [head, "", .. gradients, "", .. accuracies]);
        Console.WriteLine(table);
        if (ChildRun.Option(arguments, "--into") is { } into) MarkedText.Insert(into, Marker, table);
        return 0;

        int Number(string name, int orElse) => ChildRun.Option(arguments, name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : orElse;
    }

    private static List<string> Accuracies(TrainingSetup setup, int rows, int epochs, int seeds)
    {
        var train = setup.Read("train", rows);
        var test = setup.Read("test", int.MaxValue);
        var scores = new List<double>[] { [], [] };
        Precision[] precisions = [Precision.Float32, Precision.BFloat16];
        for (var p = 0; p < precisions.Length; p++)
        {
            using var model = FrozenModel.Load(setup.ModelPath, new() { Device = "cpu", Precision = precisions[p] });
            for (var seed = 1; seed <= seeds; seed++)
            {
                using var trained = TextClassifier.Train(model, train,
                    setup.Options(setup.Method(model, 0), new() { Epochs = epochs, Seed = (ulong)seed, Patience = 0 }));
                scores[p].Add(trained.Evaluate(test).Accuracy);
                Console.Error.WriteLine($"{precisions[p]}, seed {seed}: {scores[p][^1]:F4}");
            }
        }
        double[] differences = [.. scores[1].Zip(scores[0], (b, f) => b - f)];
        return
        [
            $"Accuracy on the {test.Count} test rows of sst2, {Path.GetFileName(setup.ModelPath)}, {rows} training rows, {epochs} epochs:", "",
            $"| precision | {string.Join(" | ", Enumerable.Range(1, seeds).Select(s => $"seed {s}"))} | mean | standard deviation |",
            $"|---|{string.Concat(Enumerable.Repeat("---|", seeds + 2))}",
            .. precisions.Zip(scores, (precision, s) => $"| {precision} | {string.Join(" | ", s.Select(N))} | {N(s.Average())} | {N(Deviation(s))} |"),
            $"| difference | {string.Join(" | ", differences.Select(N))} | {N(differences.Average())} | {N(Deviation(differences))} |",
        ];
    }

    private static string Gradients(string name, string path, TrainingSetup setup, int batches, int size)
    {
        using var exact = FrozenModel.Load(path, new() { Device = "cpu" });
        using var fast = FrozenModel.Load(path, new() { Device = "cpu", Precision = Precision.BFloat16 });
        var rows = setup.Read("train", size * (batches + StepsBetween));
        using AdapterModel one = Runtime(exact), other = Runtime(fast);
        var objective = new SingleLabelObjective(one.Labels);
        var encoded = rows.Select(r => one.Encoder.Encode(r.Text) with { Classes = [one.Labels.GetIndex(r.Label)] }).Chunk(size).ToList();
        using var optimizer = new AdamW(one.Tuned.Parameters, 0.01);
        var atStart = Largest();
        var step = new TrainingStep(one.Tuned, optimizer, 1, objective);
        foreach (var batch in encoded.Skip(batches))
        {
            using var scope = NewDisposeScope();
            using var tokens = TokenBatch.Of(batch, CPU);
            step.Take(tokens, objective.Targets(batch, CPU), 3e-3, 3e-3);
        }
        other.Tuned.Parameters.Restore(one.Tuned.Parameters.Values);
        var later = Largest();
        return $"| {name} | {one.Tuned.Parameters.TrainedCount} | {P(atStart.Adapter)} | {P(atStart.Head)} | {P(later.Adapter)} | {P(later.Head)} |";

        AdapterModel Runtime(FrozenModel model)
            => new(model, AdapterPlan.Create(model, setup.Options(setup.Method(model, 0), new()), SingleLabelTask.Untrained, LabelSet.Of(rows)));

        (double Adapter, double Head) Largest()
        {
            var all = encoded.Take(batches).Select(batch =>
            {
                using var scope = NewDisposeScope();
                using var off = no_grad();
                Tensor a = Gradient(one, batch, objective), b = Gradient(other, batch, objective);
                var count = one.Tuned.Parameters.Specs.Where(s => s.Name.StartsWith(ParameterSet.AdapterPrefix, StringComparison.Ordinal)).Sum(s => s.Count);
                return (Relative(a.narrow(0, 0, count), b.narrow(0, 0, count)),
                    Relative(a.narrow(0, count, a.shape[0] - count), b.narrow(0, count, a.shape[0] - count)));
            }).ToList();
            return (all.Max(d => d.Item1), all.Max(d => d.Item2));
        }
    }

    private static Tensor Gradient(AdapterModel runtime, EncodedRow[] rows, SingleLabelObjective objective)
    {
        using var on = enable_grad();
        using var batch = TokenBatch.Of(rows, CPU);
        using var optimizer = new AdamW(runtime.Tuned.Parameters, 0);
        var step = new TrainingStep(runtime.Tuned, optimizer, 1, objective);
        step.Start();
        step.Add(batch, objective.Targets(rows, CPU), 1);
        return runtime.Tuned.Parameters.Gradients.clone();
    }

    private static double Relative(Tensor exact, Tensor other) => (other - exact).norm().item<float>() / exact.norm().item<float>();

    private static double Deviation(IReadOnlyList<double> values) => values.Count < 2
        ? 0
        : Math.Sqrt(values.Sum(v => Math.Pow(v - values.Average(), 2)) / (values.Count - 1));

    private static string N(double value) => value.ToString("F4", CultureInfo.InvariantCulture);

    private static string P(double value) => value.ToString("P2", CultureInfo.InvariantCulture);
}
