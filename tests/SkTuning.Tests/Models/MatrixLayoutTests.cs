using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Tests.Models;

/// <summary>Matrices that are multiplied in fp32 on a CPU have their columns one after another in memory.</summary>
public sealed class MatrixLayoutTests
{
    private static readonly string Bert = Path.Combine(Fixtures.Root, "models", "bert");

    [Fact]
    public void A_mapped_matrix_is_copied_to_columns_and_keeps_its_shape_and_values()
    {
        TestDevice.SkipElsewhere("nothing is mapped there");
        var loaded = Load(new() { Device = "cpu" });
        var stored = Fixtures.Read(Path.Combine(Bert, "model.safetensors")).Tensors;
        var matrices = loaded.Transformer.Replaceable.Where(r => r.Value.dim() == 2).ToList();
        Assert.NotEmpty(matrices);
        foreach (var (name, value) in matrices)
        {
            Assert.True(value.t().is_contiguous(), name);
            Fixtures.AssertSame(stored.Single(s => s.Key.EndsWith(name, StringComparison.Ordinal)).Value, value.contiguous(), name);
        }
        loaded.Transformer.Dispose();
    }

    [Fact]
    public void Both_layouts_give_the_same_states_and_gradients()
    {
        TestDevice.SkipElsewhere("nothing is mapped there");
        using var scope = NewDisposeScope();
        var (columns, rows) = (Load(new() { Device = "cpu" }).Transformer, Load(new() { Device = "cpu", CopyWeights = true }).Transformer);
        Assert.Contains(rows.Replaceable.Values, w => w.dim() == 2 && !w.t().is_contiguous());
        var ids = tensor((long[])[3, 4, 5, 6, 7, 8], [2, 3]);
        var words = columns.Embeddings.Word(ids).detach();
        Tensor[] inputs = [words.clone().requires_grad_(), words.clone().requires_grad_()];
        var states = new[] { columns, rows }.Zip(inputs, (m, x) => m.Forward(new() { Ids = ids, InputEmbeddings = x }).Hidden).ToList();
        Fixtures.AssertClose(states[1], states[0], "states", 1e-5);
        foreach (var s in states) s.Squared().sum().backward();
        Fixtures.AssertClose(inputs[1].grad!, inputs[0].grad!, "gradients", 1e-4);
        columns.Dispose();
        rows.Dispose();
    }

    private static FrozenModel.Loaded Load(FrozenModelOptions options) => FrozenModel.LoadTransformer(Bert, options, CPU);
}
