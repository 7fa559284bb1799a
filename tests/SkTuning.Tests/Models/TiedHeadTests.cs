using SkTuning.Checkpoints;
using static TorchSharp.torch;

namespace SkTuning.Tests.Models;

public sealed class TiedHeadTests
{
    [Fact]
    public void A_tied_matrix_may_be_stored_as_the_head_only()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var source = Path.Combine(Fixtures.Root, "models", "llama");
        Assert.SkipUnless(Directory.Exists(source), "the llama fixture is not here");
        File.Copy(Path.Combine(source, "config.json"), folder["config.json"]);
        var tensors = Fixtures.Read(Path.Combine(source, "model.safetensors")).Tensors;
        SafetensorsWriter.Write(folder["model.safetensors"],
            [.. tensors.Select(t => (t.Key == "model.embed_tokens.weight" ? "lm_head.weight" : t.Key, t.Value))]);
        var plain = FrozenModel.LoadTransformer(source, new() { Device = "cpu" }, CPU);
        var renamed = FrozenModel.LoadTransformer(folder.Path, new() { Device = "cpu", CopyWeights = true }, CPU);
        using var off = no_grad();
        var ids = tensor((long[])[3, 14, 15, 92], [1, 4]);
        Fixtures.AssertSame(plain.Transformer.Forward(new() { Ids = ids }).Hidden, renamed.Transformer.Forward(new() { Ids = ids }).Hidden, "hidden");
        Assert.Equal(plain.Weights, renamed.Weights);
        plain.Transformer.Dispose();
        renamed.Transformer.Dispose();
    }
}
