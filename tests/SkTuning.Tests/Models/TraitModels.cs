using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Tests.Models;

/// <summary>Fixture models that cover the traits of attention, blocks and positions, and injections into them.</summary>
internal sealed class TraitModels : IDisposable
{
    private static readonly string[] Named = ["llama", "gpt2", "bert", "bloom", "phi", "modernbert", "deberta-v2", "gemma3_text", "albert", "falcon-40b",
        "mixtral", "mpt", "opt", "qwen3", "phi3"];

    private readonly FrozenModel.Loaded _loaded;

    public TraitModels(string family, Precision precision = Precision.Float32)
        => _loaded = FrozenModel.LoadTransformer(Path.Combine(Fixtures.Root, "models", family), new() { Device = TestDevice.Name, Precision = precision },
            TestDevice.Torch);

    public static TheoryData<string> Families => [.. Named.Where(n => Directory.Exists(Path.Combine(Fixtures.Root, "models", n)))];

    public Transformer Transformer => _loaded.Transformer;

    public ModelConfig Config => Transformer.Config;

    public static Tensor Ids => tensor(new long[] { 7, 33, 12, 95, 20, 8, 5, 6, 41, 13, 1, 1, 90, 3, 64, 2, 11, 1 }, [3, 6]).Here();

    public static Tensor Mask => tensor(new long[] { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 0 }, [3, 6]).Here();

    /// <summary>Fills every slot of the model: with gradients from a layer up, and with constants below it.</summary>
    public Injection Everything(int trainedFrom, double dropout = 0)
    {
        var (a, generator) = (Config.Attention, new Generator(11));
        var wanted = Transformer.Linears.Sites
            .Where(s => s.Place.Part is LinearPart.Query or LinearPart.Value or LinearPart.Down or LinearPart.Output).ToList();
        return new()
        {
            Prefix = Config.TakesPrefix ? [.. Enumerable.Range(0, Config.Layers)
                .Select(l => new LayerPrefix(Value(l, 1, a.KeyValueHeads, 4, a.HeadSize), Value(l, 1, a.KeyValueHeads, 4, a.HeadSize)))] : null,
            Memory = [.. Enumerable.Range(0, Config.Layers).Select(l => Value(l, 1, a.Heads, a.HeadSize, a.HeadSize))],
            Linears = wanted.ToDictionary(s => s.Place, s => new LinearOverride
            {
                Down = Value(s.Place.Layer, 2, s.Inputs), Up = Value(s.Place.Layer, s.Outputs, 2), Bias = Value(s.Place.Layer, s.Outputs),
                OutputScale = (Value(s.Place.Layer, s.Outputs) + 1).detach().requires_grad_(s.Place.Layer >= trainedFrom), Dropout = dropout,
            }),
            Parameters = Transformer.Replaceable.Where(p => p.Value.dim() == 1).ToDictionary(p => p.Key,
                p => p.Value.to_type(ScalarType.Float32).clone().requires_grad_(Math.Min(Transformer.FirstLayerOf(p.Key), Config.Layers - 1) >= trainedFrom)),
        };

        Tensor Value(int layer, params long[] shape) => (randn(shape, generator: generator).Here() * 0.2).requires_grad_(layer >= trainedFrom);
    }

    public Injection Prompt(bool trained)
        => new() { InputPrompt = randn([1, 3, Transformer.Embeddings.Size], generator: new Generator(4)).Here().requires_grad_(trained) };

    /// <summary>Returns the trained tensors of an injection.</summary>
    public static List<Tensor> Trained(Injection injection)
    {
        var all = new List<Tensor>();
        injection.Copied(t => { if (t.requires_grad) all.Add(t); return t; });
        return all;
    }

    /// <summary>Returns the states, and the gradients of sum(states · probe) with respect to every trained tensor.</summary>
    public (Tensor States, List<Tensor> Gradients) Gradients(ForwardRequest request)
    {
        var trained = Trained(request.Injection);
        foreach (var t in trained) t.grad = null;
        using var scope = NewDisposeScope();
        var states = Transformer.Forward(request).Hidden;
        (states * randn(states.shape, generator: new Generator(9)).Here()).sum().backward();
        return (states.detach().MoveToOuterDisposeScope(), [.. trained.Select(t => t.grad!.clone().MoveToOuterDisposeScope())]);
    }

    public void Dispose() => Transformer.Dispose();
}
