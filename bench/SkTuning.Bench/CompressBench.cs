using System.Globalization;
using System.Text;

namespace SkTuning.Bench;

/// <summary>
/// A prompt with demonstrations in a short prefix, on 16 rows of each label of sst-2: the first positions as they are, the same ones distilled, a random start
/// distilled, and the whole prompt. Then the whole prefix trained on labels (context tuning), with and without its two protections.
/// </summary>
internal static class CompressBench
{
    private const string Prompt = "Each line is a sentence from a film review. Decide whether the reviewer liked the film.";

    /// <summary>A way to precede the texts.</summary>
    private sealed record Arm(string Name, PrefixTuningOptions Method, double? Rate = null);

    public static int Run(string[] args)
    {
        var setup = new TrainingSetup(["--model", Path.Combine("assets", "models", "tiny"), "--threads", "2", .. args]);
        var (steps, test) = (Numbers("--steps", "100")[0], setup.Read("test", Numbers("--test-rows", "200")[0]));
        var (seeds, shots, only) = (Numbers("--seeds", "1,2"), Numbers("--shots", "2")[0], ChildRun.Option(args, "--only"));
        var texts = setup.Read("train", 256).Select(r => r.Text).ToList();
        var whole = new PrefixTuningOptions { Demonstrations = shots, TokenDropout = 0, DistillationOnly = true };
        // One step at a rate of almost 0: the head is fitted, and the prefix stays as it starts.
        Arm Undistilled(string name, int? positions) => new(name, whole with { Tokens = positions, Distillation = 1 }, 1e-12);
        List<Arm> arms = [Undistilled("whole prompt", null)];
        foreach (var n in Numbers("--positions", "4,16"))
        {
            arms.Add(Undistilled("first positions", n));
            arms.Add(new("first positions, distilled", whole with { Tokens = n, Distillation = steps }));
            arms.Add(new("random start, distilled", whole with { Start = PrefixStart.Random, Tokens = n, Distillation = steps }));
        }
        var tuned = new PrefixTuningOptions { Demonstrations = shots };
        Arm[] contexts =
        [
            new("prompt alone", new()), new("context tuning", tuned), new("without leaving one out", tuned with { LeaveOneOut = false }),
            new("without token dropout", tuned with { TokenDropout = 0 }), new("without either", tuned with { LeaveOneOut = false, TokenDropout = 0 }),
            new("random start", new() { Start = PrefixStart.Random, Tokens = 20 }),
        ];
        using var model = setup.Load();
        var table = new StringBuilder();
        Line($"{Path.GetFileName(setup.ModelPath)}, sst-2, 16 rows of each label, prompt and {shots} demonstrations of each, "
            + $"{texts.Count} further texts without labels, {test.Count} test rows, seeds {string.Join(", ", seeds)}, head linear: means.");
        if (only is null or "distillation")
        {
            Line("");
            Line($"| prefix ({steps} steps) | positions | distance at the start | distance at the end | accuracy |");
            Line("|---|---|---|---|---|");
            foreach (var arm in arms)
            {
                var cells = seeds.Select(seed => Train(arm, seed, texts)).ToList();
                Line(string.Create(CultureInfo.InvariantCulture, $"| {arm.Name} | {cells[0].Report.Distillation!.PrefixTokens} | "
                    + $"{cells.Average(c => c.Report.Distillation!.Before):F4} | {cells.Average(c => c.Report.Distillation!.After):F4} | "
                    + $"{cells.Average(c => c.Accuracy):F3} |"));
            }
        }
        if (only is null or "context")
        {
            Line("");
            Line("| prefix trained on labels | accuracy |");
            Line("|---|---|");
            foreach (var arm in contexts)
                Line(string.Create(CultureInfo.InvariantCulture, $"| {arm.Name} | {seeds.Select(s => Train(arm, s, null)).Average(c => c.Accuracy):F3} |"));
        }
        if (ChildRun.Option(args, "--into") is { } into) MarkedText.Insert(into, only is null ? "compress" : $"compress-{only}", table.ToString().TrimEnd());
        return 0;

        (TrainingReport Report, double Accuracy) Train(Arm arm, int seed, IReadOnlyList<string>? unlabeled)
        {
            var rows = Splits.KShot(setup.Read("train", 2000), 16, (ulong)seed);
            using var trained = TextClassifier.Train(model, rows, new()
            {
                Prompt = Prompt,
                Template = "Review: {text}\nSentiment:",
                Head = new LinearHeadOptions(),
                Method = arm.Method,
                Dev = setup.Read("dev", 100),
                MaxTokens = 64,
                DistillationTexts = unlabeled,
                Training = new() { Seed = (ulong)seed, LearningRate = arm.Rate },
            });
            return (trained.Report!, trained.Evaluate(test).Accuracy);
        }

        void Line(string text)
        {
            Console.WriteLine(text);
            table.Append(text).Append('\n');
        }

        int[] Numbers(string name, string orElse)
            => [.. (ChildRun.Option(args, name) ?? orElse).Split(',').Select(n => int.Parse(n, CultureInfo.InvariantCulture))];
    }
}
