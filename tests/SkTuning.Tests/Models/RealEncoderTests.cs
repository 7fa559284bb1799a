using static TorchSharp.torch;

namespace SkTuning.Tests.Models;

/// <summary>A published model gives the states that Hugging Face computed with it.</summary>
[Trait("Category", "Parity")]
public sealed class RealEncoderTests
{
    [Fact]
    public void MiniLM_gives_Hugging_Faces_states_and_embeddings()
    {
        var (model, expected) = (Path.Combine(Fixtures.Shared, "models", "minilm"),
            Path.Combine(Fixtures.Shared, "fixtures", "real", "minilm", "expected.safetensors"));
        Fixtures.SkipWithout(model);
        Fixtures.SkipWithout(expected);
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var (transformer, description, _, _) = FrozenModel.LoadTransformer(model, new() { Device = TestDevice.Name }, TestDevice.Torch);
        using var owned = transformer;
        Assert.Equal(("bert", 6, 384, "F16"), (description.Family, description.Layers, description.Hidden, description.StoredAs));
        var stored = Fixtures.Read(expected).Tensors;
        var lengths = stored["lengths"].cpu().data<long>().ToArray();
        for (var r = 0; r < lengths.Length; r++)
        {
            var hidden = transformer.Forward(new() { Ids = stored["input_ids"][r].narrow(0, 0, lengths[r]).unsqueeze(0) }).Hidden[0];
            Fixtures.AssertClose(stored["hidden"][r].narrow(0, 0, lengths[r]), hidden, $"hidden of row {r}", 2e-3);
            var mean = hidden.mean([0]);
            Fixtures.AssertClose(stored["embedding"][r], mean / mean.norm(), $"embedding of row {r}", 2e-3);
        }
        // All rows in one batch.
        var mask = (arange(stored["input_ids"].shape[1]).Here().unsqueeze(0) < stored["lengths"].unsqueeze(1)).to_type(ScalarType.Int64);
        var batch = transformer.Forward(new() { Ids = stored["input_ids"], Mask = mask }).Hidden;
        for (var r = 0; r < lengths.Length; r++)
            Fixtures.AssertClose(stored["hidden"][r].narrow(0, 0, lengths[r]), batch[r].narrow(0, 0, lengths[r]), $"hidden of row {r} in a batch", 2e-3);
    }
}
