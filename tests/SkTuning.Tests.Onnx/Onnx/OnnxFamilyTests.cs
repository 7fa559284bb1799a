using SkTuning.Batches;
using SkTuning.Models;
using SkTuning.Onnx;
using SkTuning.Onnx.Layers;
using static TorchSharp.torch;

namespace SkTuning.Tests.Onnx;

/// <summary>The states of a graph in ONNX Runtime equal those of the library, for every family and every slot of an injection.</summary>
public sealed class OnnxFamilyTests
{
    private static readonly int[][] Rows = [[7, 33, 12, 95, 20, 8, 9, 11, 60, 61, 62], [5, 6], [90, 41, 13]];

    public static IEnumerable<TheoryDataRow<string, string>> Cases()
        => from family in Fixtures.Folders("models", "model.safetensors")
           from slot in (string[])["nothing", "prefix", "prompt", "linears", "parameters", "memory"]
           select new TheoryDataRow<string, string>(family, slot);

    [Theory, MemberData(nameof(Cases))]
    public void States_are_those_of_the_library(string family, string slot)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var loaded = FrozenModel.LoadTransformer(Path.Combine(Fixtures.Root, "models", family), new(), CPU);
        using var transformer = loaded.Transformer;
        var config = transformer.Config;
        Assert.SkipWhen(slot == "prefix" && !config.TakesPrefix, $"{family} takes no prefix");
        var injection = Made(slot, transformer);
        using var batch = TokenBatch.Of([.. Rows.Select(r => r.Select(t => t % config.Vocabulary).ToArray())], CPU);
        var expected = transformer.Forward(new() { Ids = batch.Ids, Mask = batch.Mask, Injection = injection }).Text;

        var model = new ModelGraph(transformer, injection, OnnxPrecision.Float32);
        model.Graph.Output("states", model.States(), "batch", "length", "hidden");
        using var run = new OnnxRun(model.Graph.Build());
        var states = run.Run(batch)["states"];
        foreach (var (r, row) in Rows.Index())
            Fixtures.AssertClose(expected[r].narrow(0, 0, row.Length), states[r].narrow(0, 0, row.Length), $"states of row {r}");
    }

    private static Injection Made(string slot, Transformer model)
    {
        var (config, random) = (model.Config, new Generator(5));
        var (a, size) = (config.Attention, config.Embedding.Size > 0 ? config.Embedding.Size : config.Hidden);
        return slot switch
        {
            "prefix" => Injection.OfPrefix([.. Enumerable.Range(0, config.Layers).Select(l => l == 1 ? null : new LayerPrefix(
                Random(1, a.KeyValueHeads, 4, a.HeadSize), Random(1, a.KeyValueHeads, 4, a.HeadSize)))]),
            "prompt" => new() { InputPrompt = Random(1, 3, size) },
            "memory" => new() { Memory = [.. Enumerable.Range(0, config.Layers).Select(l => l == 0 ? null : Random(1, a.Heads, a.HeadSize, a.HeadSize))] },
            "linears" => new()
            {
                Linears = model.Linears.Sites.ToDictionary(s => s.Place, s => new LinearOverride
                {
                    InputScale = Random(s.Inputs) + 1,
                    OutputScale = Random(s.Outputs) + 1,
                    Bias = Random(s.Outputs),
                    Down = Random(2, s.Inputs),
                    Up = Random(s.Outputs, 2),
                    LowRankScale = 0.5,
                }),
            },
            "parameters" => new() { Parameters = model.Replaceable.ToDictionary(p => p.Key, p => (p.Value.Exact() + Random(p.Value.shape) * 0.1).Here()) },
            _ => Injection.None,
        };

        Tensor Random(params long[] shape) => (randn(shape, generator: random) * 0.2).Here();
    }
}
