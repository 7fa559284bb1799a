using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Classifiers.SingleLabel;
using SkTuning.Methods;
using SkTuning.Models;
using SkTuning.Peft.Merging;
using SkTuning.Prompts;
using SkTuning.Tests.Models;
using SkTuning.Training;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Tests.Methods;

/// <summary>What is special about <c>sk-memory</c>; what all methods promise is in <see cref="EveryMethodTests"/>.</summary>
public sealed class SkMemoryTests
{
    [Theory, InlineData("llama"), InlineData("bert"), InlineData("gpt2")]
    public void With_open_gates_it_holds_the_prompts_values_by_the_features_of_their_keys(string family)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var on = new On(family, new());
        foreach (var l in Enumerable.Range(0, on.Config.Layers)) on.Set($"{l}.memory.gate", 1);
        var (a, p) = (on.Config.Attention, on.Prompt.Length);
        foreach (var l in Enumerable.Range(0, on.Config.Layers))
        {
            var (keys, values) = (AttentionMemoryTests.Numbers(on.Prompt.PlainKeys[l]), AttentionMemoryTests.Numbers(on.Prompt.KeyValues[l].Values));
            var found = AttentionMemoryTests.Numbers(on.Tuned.Bake().Memory![l]!);
            for (var h = 0; h < a.Heads; h++)
            {
                var from = h / (a.Heads / a.KeyValueHeads) * p * a.HeadSize;                            // heads that share keys
                var all = keys.AsSpan(from, p * a.HeadSize).ToArray().Sum(AttentionMemoryTests.Feature);
                for (var i = 0; i < a.HeadSize; i++)
                    for (var j = 0; j < a.HeadSize; j++)
                    {
                        var sum = Enumerable.Range(0, p)
                            .Sum(t => AttentionMemoryTests.Feature(keys[from + t * a.HeadSize + i]) * values[from + t * a.HeadSize + j]);
                        Assert.Equal(sum / all, found[(h * a.HeadSize + i) * a.HeadSize + j], 1e-6);
                    }
            }
        }
    }

    [Fact]
    public void The_adapter_changes_the_rows_of_all_heads_together()
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var on = new On("llama", new() { Bottleneck = 3 });
        var generator = new Generator(5);
        foreach (var spec in on.Method.Parameters) on.Parameters.Set(ParameterSet.AdapterPrefix + spec.Name, randn(spec.Shape, generator: generator).Here());
        var (heads, size) = (on.Config.Attention.Heads, on.Config.Attention.HeadSize);
        var read = AttentionMemory.Of(on.Prompt.PlainKeys[1], on.Prompt.KeyValues[1].Values, heads);
        for (var i = 0; i < size; i++)
        {
            var row = cat([.. Enumerable.Range(0, heads).Select(h => read[h][i])]) * size;
            var centred = row - row.mean();
            var normed = centred / (centred.square().mean() + 1e-5).sqrt();
            var change = Of("up.weight").mv(F.gelu(Of("down.weight").mv(normed) + Of("down.bias"))) + Of("up.bias");
            for (var h = 0; h < heads; h++)
                Fixtures.AssertClose(Of("gate")[h] * (read[h][i] + change.narrow(0, h * size, size) / size), on.Tuned.Bake().Memory![1]![0][h][i],
                    $"row {i} of head {h}", 1e-5);
        }

        Tensor Of(string part) => on.Parameters.Adapter($"1.memory.{part}");
    }

    [Fact]
    public void The_keys_are_those_before_rotary_positions()
    {
        using var scope = NewDisposeScope();
        using var rotary = new On("llama", new());
        var (plain, turned) = (rotary.Prompt.PlainKeys[1][0], rotary.Prompt.KeyValues[1].Keys[0]);                       // [Hkv,P,Dh]
        Fixtures.AssertSame(turned.select(1, 0), plain.select(1, 0), "the first position, which is not turned");
        Fixtures.AssertClose(turned.square().sum(-1), plain.square().sum(-1), "lengths", 1e-5);
        Assert.True((turned - plain).narrow(1, 1, 3).abs().amax([2]).min().item<float>() > 1e-4);
        using var absolute = new On("gpt2", new());
        foreach (var (l, keys) in absolute.Prompt.PlainKeys.Index()) Fixtures.AssertSame(absolute.Prompt.KeyValues[l].Keys, keys, $"keys of layer {l}");
    }

    [Fact]
    public void The_first_step_opens_the_gates_and_the_next_one_moves_the_adapter()
    {
        using var scope = NewDisposeScope();
        using var on = new On("bert", new());
        using var batch = TokenBatch.Of([[7, 33, 12], [5, 6]], TestDevice.Torch);
        using var optimizer = new AdamW(on.Parameters, 0);
        var step = new TrainingStep(on.Tuned, optimizer, 1, new SingleLabelObjective(new(["a", "b", "c"])));
        step.Take(batch, tensor(new long[] { 0, 2 }).Here(), 1e-2, 1e-2);
        foreach (var l in Enumerable.Range(0, on.Config.Layers)) Assert.All(on.Values($"{l}.memory.gate"), g => Assert.Equal(1e-2, Math.Abs(g), 1e-4));
        Assert.All(on.Values("0.memory.up.bias"), v => Assert.Equal(0, v));
        step.Take(batch, tensor(new long[] { 0, 2 }).Here(), 1e-2, 1e-2);
        Assert.All(on.Values("0.memory.up.bias"), v => Assert.NotEqual(0, v));
    }

    [Fact]
    public void The_layers_below_the_last_ones_can_be_kept()
    {
        using var scope = NewDisposeScope();
        using var on = new On("llama", new() { LastLayers = 1 });
        Assert.Equal(on.Config.Layers - 1, LowerLayerCache.LayerOf(on.Tuned));
        Assert.Equal([true, true, false], on.Tuned.Bake().Memory!.Select(m => m is null));
        var message = Assert.ThrowsAny<SkTuningException>(() => new On("llama", new() { LastLayers = 4 })).Message;
        Assert.Contains("SkMemoryOptions.LastLayers is 4", message);
    }

    [Theory]
    [InlineData("bottleneck", "0", "1 to 4096"), InlineData("dropout", "1", "0 (inclusive) to 1 (exclusive)"), InlineData("lastLayers", "0", "1 or more")]
    [InlineData("firstLayer", "1", "firstLayer")]
    public void Settings_it_cannot_use_are_refused_by_name(string setting, string value, string expected)
        => Assert.Contains(expected, Assert.ThrowsAny<SkTuningException>(() => TuningOptions.Create("sk-memory", [new(setting, value)])).Message);

    [Fact]
    public void No_weight_corresponds_to_it()
    {
        using var scope = NewDisposeScope();
        using var on = new On("llama", new());
        var refused = Assert.ThrowsAny<SkTuningException>(() => WeightChanges.Of("sk-memory", on.Transformer, on.Tuned.Bake()));
        Assert.Contains("sk-memory adds a memory to the output of attention", refused.Message);
    }

    private sealed class On : IDisposable
    {
        public On(string family, SkMemoryOptions options)
        {
            Transformer = FrozenModel.LoadTransformer(Path.Combine(Fixtures.Root, "models", family), new() { Device = TestDevice.Name }, TestDevice.Torch)
                .Transformer;
            Prompt = PromptEncoding.Read(Transformer, [5, 17, 90, 3], TestDevice.Torch);
            Method = options.CreateMethod(Config, Prompt);
            var head = new LinearHead(3, Config.Hidden, Pooling.Mean);
            Parameters = new(TunedModel.Specs(Method, head), 1, TestDevice.Torch);
            Tuned = new(Transformer, Method, head, Parameters);
        }

        public Transformer Transformer { get; }
        public ModelConfig Config => Transformer.Config;
        public PromptEncoding Prompt { get; }
        public TuningMethod Method { get; }
        public ParameterSet Parameters { get; }
        public TunedModel Tuned { get; }

        public void Set(string name, double value) => Parameters.Set(ParameterSet.AdapterPrefix + name, full_like(Parameters.Adapter(name), value));

        public double[] Values(string name) => AttentionMemoryTests.Numbers(Parameters.Adapter(name));

        public void Dispose()
        {
            Tuned.Dispose();
            Prompt.Dispose();
            Transformer.Dispose();
        }
    }
}
