using System.Globalization;
using SkTuning.Serving;
using TorchSharp;

namespace SkTuning.Bench.Serving;

/// <summary>Live tensors and resident memory of an engine over many predictions, on a model so small that nothing but the engine takes part.</summary>
internal static class ServeMemoryBench
{
    private const int Parts = 10, CallTexts = 500;

    public static int Run(string[] arguments)
    {
        var (texts, adapters) = (Number("--texts", 1_000_000), Number("--adapters", 20));
        RuntimeSettings.Start(Environment.ProcessorCount, fast: true);
        using var model = FrozenModel.Load(ChildRun.Option(arguments, "--model") ?? Path.Combine("tests", "fixtures", "cases", "micro-model"));
        var folder = Directory.CreateTempSubdirectory("sktuning-serve-").FullName;
        try
        {
            Row[] rows = [new("a b", "x"), new("c d", "y"), new("a a", "x"), new("d d", "y")];
            var folders = ServedAdapters.Create(model, rows, [new SkPrefixOptions(), new LoraOptions(), new BitFitOptions()], adapters, folder);
            List<string> lines =
            [
                FormattableString.Invariant($"{texts:N0} texts, {adapters} adapters (sk-prefix, lora, bitfit), half of which fit into memory."), "",
                "| texts | resident memory, MB | live tensors |", "|---|---|---|",
            ];
            Measure(model, folders, texts, lines).GetAwaiter().GetResult();
            Console.WriteLine(string.Join('\n', lines));
            if (ChildRun.Option(arguments, "--into") is { } into) MarkedText.Insert(into, "serve-memory", string.Join('\n', lines));
            return 0;
        }
        finally { Directory.Delete(folder, recursive: true); }

        int Number(string name, int other) => int.Parse(ChildRun.Option(arguments, name) ?? $"{other}", CultureInfo.InvariantCulture);
    }

    private static async Task Measure(FrozenModel model, IReadOnlyList<string> folders, int texts, List<string> lines)
    {
        long bytes;
        await using (var probe = new ClassifierEngine(model)) bytes = (await probe.LoadAsync("0", folders[0])).Bytes;
        await using var engine = new ClassifierEngine(model, new() { MaxAdapterBytes = bytes * folders.Count / 2 });
        foreach (var (a, path) in folders.Index()) await engine.LoadAsync($"{a}", path);
        var words = "abcd";
        for (var part = 0; part <= Parts; part++)
        {
            if (part > 0) await Task.WhenAll(Enumerable.Range(0, texts / Parts / CallTexts).Select(Call));
            GC.Collect();
            lines.Add(string.Create(CultureInfo.InvariantCulture,
                $"| {(long)part * (texts / Parts):N0} | {Environment.WorkingSet / 1e6:F1} | {torch.Tensor.TotalCount} |"));
        }

        async Task Call(int call)
        {
            await Task.Yield();
            var asked = Enumerable.Range(0, CallTexts).Select(i => ($"{words[(call + i) % 4]} {words[i / 4 % 4]}", (string?)null)).ToList();
            var answers = await engine.ClassifyAsync($"{call % folders.Count}", asked);
            if (answers.Any(a => a.Error is not null)) throw new InvalidOperationException(answers.First(a => a.Error is not null).Error);
        }
    }
}
