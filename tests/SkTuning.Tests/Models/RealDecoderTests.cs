using static TorchSharp.torch;

namespace SkTuning.Tests.Models;

/// <summary>Published decoders, and the one in this repository, give the states that Hugging Face computed with them.</summary>
[Trait("Category", "Parity")]
public sealed class RealDecoderTests
{
    [Theory, InlineData("tinystories-656k"), InlineData("tiny")]
    public void States_and_logits_are_Hugging_Faces(string name)
    {
        var (model, expected) = (Path.Combine(Fixtures.Shared, "models", name),
            Path.Combine(Fixtures.Shared, "fixtures", "real", name, "expected.safetensors"));
        Fixtures.SkipWithout(model);
        Fixtures.SkipWithout(expected);
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var transformer = FrozenModel.LoadTransformer(model, new() { Device = TestDevice.Name }, TestDevice.Torch).Transformer;
        var stored = Fixtures.Read(expected).Tensors;
        var lengths = stored["lengths"].cpu().data<long>().ToArray();
        for (var r = 0; r < lengths.Length; r++)
        {
            var hidden = transformer.Forward(new() { Ids = stored["input_ids"][r].narrow(0, 0, lengths[r]).unsqueeze(0) }).Hidden[0];
            Fixtures.AssertClose(stored["hidden"][r].narrow(0, 0, lengths[r]), hidden, $"hidden of row {r}", 2e-3);
            if (stored.TryGetValue("logits", out var logits))
                Fixtures.AssertClose(logits[r].narrow(0, 0, lengths[r]), transformer.Logits(hidden), $"logits of row {r}", 2e-3);
            if (stored.TryGetValue("last_logits", out var last))
                Fixtures.AssertClose(last[r], transformer.Logits(hidden[lengths[r] - 1]), $"logits after row {r}", 2e-3);
        }
    }

    [Fact]
    public void A_model_of_llama2c_is_refused_by_name_and_its_gguf_loads()
    {
        var folder = Path.Combine(Fixtures.Shared, "models", "stories260k");
        Fixtures.SkipWithout(folder);
        var error = Assert.ThrowsAny<SkTuningException>(() => FrozenModel.Load(Path.Combine(folder, "stories260K.bin"), new() { Device = TestDevice.Name }));
        Assert.Contains("found a model of llama2.c, expected a model folder", error.Message);
        Assert.Contains("GGUF", error.Message);
        using var model = FrozenModel.Load(Path.Combine(folder, "stories260Ktok512.gguf"), new() { Device = TestDevice.Name });
        Assert.Equal(("llama", 260_032L), (model.Describe().Family, model.Describe().Parameters));
    }

    [Theory]
    [InlineData("model.safetensors", "x", "a file of weights alone")]
    [InlineData("pytorch_model.bin", "PK\u0003\u0004", "a file of weights alone")]
    [InlineData("model.bin", "hello", "a file of an unknown format")]
    [InlineData("model.bin", "", "an empty file")]
    public void A_file_instead_of_a_folder_is_refused_by_its_format(string name, string content, string expected)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder[name], content);
        var error = Assert.ThrowsAny<SkTuningException>(() => FrozenModel.Load(folder[name], new() { Device = TestDevice.Name }));
        Assert.Contains(expected, error.Message);
        Assert.Contains("expected a model folder", error.Message);
    }
}
