using SkTuning.Batches;
using SkTuning.Methods.Composite;
using SkTuning.Models;
using SkTuning.Prompts;
using static TorchSharp.torch;

namespace SkTuning.Tests.Methods;

/// <summary>Joined methods that change the same place of the model.</summary>
public sealed class InjectionMergeTests
{
    [Theory]
    [InlineData("bert", "bitfit+top-layers", "both train 'encoder.layer.")]
    [InlineData("gpt2", "bitfit+top-layers", "both train 'h.")]
    public void Two_methods_for_one_tensor_are_refused_by_name(string family, string name, string expected)
    {
        Fixtures.SkipWithout(Path.Combine(Fixtures.Root, "models", family));
        var loaded = FrozenModel.LoadTransformer(Path.Combine(Fixtures.Root, "models", family), new() { Device = "cpu" }, CPU);
        using var transformer = loaded.Transformer;
        using var prompt = PromptEncoding.Read(transformer, [5, 17], CPU);
        var message = Assert.ThrowsAny<SkTuningException>(() => TuningOptions.Create(name).CreateMethod(transformer.Config, prompt)).Message;
        Assert.Contains("bitfit and top-layers", message);
        Assert.Contains(expected, message);
    }

    [Fact]
    public void Two_memories_are_refused_by_the_methods_names()
    {
        using var scope = NewDisposeScope();
        var memory = new Injection { Memory = [ones(1)] };
        Assert.Same(memory.Memory, InjectionMerge.Of("one", memory, "two", Injection.OfPrefix([null])).Memory);
        var message = Assert.ThrowsAny<SkTuningException>(() => InjectionMerge.Of("one", memory, "two", memory)).Message;
        Assert.Equal("The methods one and two cannot be joined: both inject a memory.", message);
    }

    [Fact]
    public void Changes_of_one_linear_are_all_there()
    {
        using var scope = NewDisposeScope();
        Fixtures.SkipWithout(Path.Combine(Fixtures.Root, "models", "llama"));
        var loaded = FrozenModel.LoadTransformer(Path.Combine(Fixtures.Root, "models", "llama"), new() { Device = "cpu" }, CPU);
        using var transformer = loaded.Transformer;
        using var prompt = PromptEncoding.Read(transformer, [5, 17], CPU);
        var method = TuningOptions.Create("lora+ia3").CreateMethod(transformer.Config, prompt);
        using var parameters = new ParameterSet(method.Parameters.Select(p => p with { Name = ParameterSet.AdapterPrefix + p.Name }), 1, CPU);
        var injection = method.Inject(parameters, training: false);
        var value = injection.Linears![new(0, LinearPart.Value)];
        Assert.True(value is { Down: not null, Up: not null, OutputScale: not null, LowRankScale: 2 });
        Assert.True(injection.Linears[new(0, LinearPart.Query)] is { Down: not null, OutputScale: null });
        Assert.True(injection.Linears[new(0, LinearPart.Down)] is { Down: null, InputScale: not null });
    }
}
