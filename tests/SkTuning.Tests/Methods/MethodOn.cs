using System.Security.Cryptography;
using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Methods;
using SkTuning.Models;
using SkTuning.Prompts;
using static TorchSharp.torch;

namespace SkTuning.Tests.Methods;

/// <summary>A method on a model.</summary>
internal sealed class MethodOn : IDisposable
{
    private readonly FrozenModel.Loaded _loaded;
    private readonly List<PromptEncoding> _labels;

    public MethodOn(string name, string family, bool float64 = false)
    {
        Case = MethodCases.All[name];
        _loaded = FrozenModel.LoadTransformer(Path.Combine(Fixtures.Root, "models", family), new() { Device = TestDevice.Name, Float64 = float64 },
            TestDevice.Torch);
        Prompt = PromptEncoding.Read(Transformer, [5, 17, 90, 3], TestDevice.Torch);
        _labels = [.. ((int[][])[[5, 17, 90, 3], [8], [44, 2, 61]]).Select(t => PromptEncoding.Read(Transformer, t, TestDevice.Torch))];
        Method = Case.Options.CreateMethod(Config, Prompt, _labels);
        var head = Case.Options.OwnHead(Transformer, 3, Pooling.Mean) ?? new LinearHead(3, Config.Hidden, Pooling.Mean);
        var dtype = float64 ? ScalarType.Float64 : ScalarType.Float32;
        Tuned = new(Transformer, Method, head, new ParameterSet(TunedModel.Specs(Method, head), 1, TestDevice.Torch, dtype));
    }

    public MethodCase Case { get; }
    public Transformer Transformer => _loaded.Transformer;
    public ModelConfig Config => Transformer.Config;
    public PromptEncoding Prompt { get; }
    public TuningMethod Method { get; }
    public TunedModel Tuned { get; }
    public IReadOnlyList<(string Name, Tensor Value)> Weights => _loaded.Tensors;

    /// <summary>Changes every trained value a little, so that a zero start hides nothing.</summary>
    public void Perturb()
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        Tuned.Parameters.Restore(Tuned.Parameters.Values + randn([Tuned.Parameters.Count], generator: new Generator(3)).Here() * 0.1);
    }

    public string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (_, value) in Weights) hash.AppendData(value.cpu().contiguous().bytes);
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    public void Dispose()
    {
        Tuned.Dispose();
        Prompt.Dispose();
        _labels.ForEach(l => l.Dispose());
        Transformer.Dispose();
    }
}
