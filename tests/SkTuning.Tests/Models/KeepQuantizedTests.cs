using SkTuning.Checkpoints.Gguf;
using SkTuning.Models;
using SkTuning.Models.Gguf;
using SkTuning.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace SkTuning.Tests.Models;

/// <summary>A model whose blocks stay quantized computes the same as the expanded model, in forward and in backward.</summary>
public sealed class KeepQuantizedTests
{
    public static TheoryData<string> Files => [.. new[] { "llama-q4_0", "llama-q8_0", "llama", "gpt2" }.Select(n => Path.Combine("gguf", n + ".gguf"))];

    [Theory, MemberData(nameof(Files))]
    public void States_logits_and_gradients_of_a_fixture_are_those_of_the_expanded_model(string file) => Compare(Path.Combine(Fixtures.Root, file), 12);

    [Fact]
    public void States_logits_and_gradients_of_SmolLM2_are_those_of_the_expanded_model()
    {
        var model = Path.Combine(Fixtures.Shared, "models", "smollm2");
        Fixtures.SkipWithout(model);
        Compare(model, 9);
    }

    [Theory, InlineData(Precision.Float32), InlineData(Precision.BFloat16), InlineData(Precision.Float16)]
    public void A_step_leaks_no_tensor(Precision precision)
    {
        using var kept = Load(Path.Combine(Fixtures.Root, "gguf", "llama-q4_0.gguf"), keep: true, precision);
        Once();
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        for (var i = 0; i < 5; i++) Once();
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);

        void Once()
        {
            Step(kept.Transformer, 7, out var gradient, out var logits);
            gradient.Dispose();
            logits.Dispose();
        }
    }

    [Fact]
    public void A_weight_larger_than_one_piece_gives_the_same_product_and_gradient()
    {
        using var scope = NewDisposeScope();
        const int inputs = 4096, outputs = 4500;                                 // 74 MB in fp32: two pieces
        using var memory = new Blocks(BlockType.Find(2)!, inputs, outputs);
        using var buffers = new ExpansionBuffers();
        using var matrix = new QuantizedMatrix(memory.Tensor(), buffers, ScalarType.Float32);
        Assert.True(inputs * (long)outputs * 4 > QuantizedMatrix.MaxBytes);
        using var whole = memory.Tensor();
        var (weight, bias) = (whole.Dequantize(ScalarType.Float32), randn(outputs));
        var x = randn(2, 3, inputs, requires_grad: true);
        var probe = randn(2, 3, outputs);
        (matrix.Product(x, bias) * probe).sum().backward();
        Fixtures.AssertClose(probe.reshape(-1, outputs).mm(weight).view(x.shape), x.grad!, "gradient", 1e-5);
        Fixtures.AssertClose(nn.functional.linear(x, weight, bias).detach(), matrix.Product(x.detach(), bias), "product", 1e-5);
        weight.Dispose();
    }

    [Fact]
    public void A_gradient_that_cannot_be_computed_is_NaN_and_the_reason_is_reported_once()
    {
        using var scope = NewDisposeScope();
        using var memory = new Blocks(BlockType.Find(2)!, 32, 4);
        using var buffers = new ExpansionBuffers();
        var matrix = new QuantizedMatrix(memory.Tensor(), buffers, ScalarType.Float32);
        var x = randn(2, 32, requires_grad: true);
        var sum = matrix.Product(x, null).sum();
        matrix.Dispose();
        sum.backward();
        Assert.True(x.grad!.isnan().all().item<bool>());
        Assert.Contains("could not be expanded", Assert.ThrowsAny<SkTuningException>(BackwardFailure.Throw).Message);
        BackwardFailure.Throw();
    }

    [Fact]
    public void The_base_is_the_same_and_its_memory_is_counted()
    {
        TestDevice.SkipElsewhere("nothing is mapped there");
        var file = Path.Combine(Fixtures.Root, "gguf", "llama-q4_0.gguf");
        using var expanded = Load(file, keep: false);
        using var kept = Load(file, keep: true);
        using var copied = new LoadedModel(FrozenModel.LoadTransformer(file, new() { Device = TestDevice.Name, KeepQuantized = true, CopyWeights = true },
            TestDevice.Torch));
        Assert.Equal((expanded.Loaded.Weights, expanded.Loaded.Traits), (kept.Loaded.Weights, kept.Loaded.Traits));
        var (e, k, c) = (expanded.Loaded.Description, kept.Loaded.Description, copied.Loaded.Description);
        using var stored = GgufModel.Open(file);
        var blocks = stored.Stored.File.Tensors.Values.Where(t => t.Type.IsQuantized && t.Shape.Length == 2).ToList();
        var plain = stored.Stored.File.Tensors.Values.Except(blocks).Sum(t => t.Bytes);
        var values = blocks.Sum(t => t.Shape[0] * t.Shape[1]);
        Assert.True(values > 0);
        // Plain matrices are copied to another layout if the device is a CPU.
        Assert.Equal((values * 4 + plain, 0L), (e.Memory + e.MappedMemory, e.QuantizedMemory));
        Assert.True(e.Memory >= values * 4 && e.MappedMemory > 0);
        Assert.Equal((plain + blocks.Sum(t => t.Bytes), blocks.Sum(t => t.Bytes)), (k.Memory + k.MappedMemory, k.QuantizedMemory));
        Assert.InRange(k.Memory, 0, plain);
        Assert.Equal((k.Memory + k.MappedMemory, 0L, k.QuantizedMemory), (c.Memory, c.MappedMemory, c.QuantizedMemory));
        Assert.Equal((e.Parameters, "Q4_0"), (k.Parameters, k.StoredAs));
    }

    private static void Compare(string file, int length)
    {
        using var scope = NewDisposeScope();
        using var expanded = Load(file, keep: false);
        using var kept = Load(file, keep: true);
        Step(expanded.Transformer, length, out var gradient, out var logits);
        Step(kept.Transformer, length, out var keptGradient, out var keptLogits);
        Fixtures.AssertClose(logits, keptLogits, "logits", 1e-5);
        // The same scale for both: the gradients of a sum over many values are large.
        var size = gradient.abs().max().item<float>();
        Fixtures.AssertClose(gradient / size, keptGradient / size, "gradient to the prefix", 1e-5);
    }

    /// <summary>Runs forward with a prefix, and backward to it.</summary>
    private static void Step(Transformer model, int length, out Tensor gradient, out Tensor logits)
    {
        using var scope = NewDisposeScope();
        var c = model.Config;
        var generator = new Generator(5);
        var prefix = randn([c.Layers, 2, c.Attention.KeyValueHeads, 3, c.Attention.HeadSize], generator: generator).Here().mul_(0.1).requires_grad_(true);
        var ids = randint(c.Vocabulary, [2, length], generator: generator, dtype: ScalarType.Int64).Here();
        var layers = Enumerable.Range(0, c.Layers).Select(l => new LayerPrefix(prefix[l, 0].unsqueeze(0), prefix[l, 1].unsqueeze(0)));
        var hidden = model.Forward(new() { Ids = ids, Injection = Injection.OfPrefix([.. layers]) }).Hidden;
        var scores = model.Logits(hidden);
        (scores.log_softmax(-1).select(-1, 3).sum() + hidden.square().mean()).backward();
        logits = scores.detach().MoveToOuterDisposeScope();
        gradient = prefix.grad!.MoveToOuterDisposeScope();
    }

    private static LoadedModel Load(string file, bool keep, Precision precision = Precision.Float32)
        => new(FrozenModel.LoadTransformer(file, new() { Device = TestDevice.Name, KeepQuantized = keep, Precision = precision }, TestDevice.Torch));

    private sealed record LoadedModel(FrozenModel.Loaded Loaded) : IDisposable
    {
        public Transformer Transformer => Loaded.Transformer;

        public void Dispose() => Transformer.Dispose();
    }

    /// <summary>Q4_0 blocks with a fixed pattern.</summary>
    private sealed unsafe class Blocks : INativeMemory, IDisposable
    {
        private readonly BlockType _type;
        private readonly long[] _shape;
        private readonly byte* _data;

        public Blocks(BlockType type, long inputs, long outputs)
        {
            (_type, _shape) = (type, [outputs, inputs]);
            var blocks = inputs * outputs / type.Values;
            _data = (byte*)System.Runtime.InteropServices.NativeMemory.Alloc((nuint)(blocks * type.Bytes));
            for (long b = 0; b < blocks; b++)
            {
                *(Half*)(_data + b * type.Bytes) = (Half)(0.01f + b % 7 * 0.001f);
                for (var i = 2; i < type.Bytes; i++) _data[b * type.Bytes + i] = (byte)(b * 31 + i * 17);
            }
        }

        public QuantizedTensor Tensor() => new("weight", _type, _shape, _data, this);

        public void AddUser() { }

        public void RemoveUser() { }

        public void Dispose() => System.Runtime.InteropServices.NativeMemory.Free(_data);
    }
}
