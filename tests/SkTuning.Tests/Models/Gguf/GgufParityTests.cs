using System.Text;
using SkTuning.Models;
using SkTuning.Models.Families;
using SkTuning.Models.Gguf;
using SkTuning.Tests.Checkpoints;
using static TorchSharp.torch;

namespace SkTuning.Tests.Models.Gguf;

/// <summary>A GGUF file gives what Hugging Face computed with its original model: names, values and derived config together.</summary>
[Trait("Category", "Parity")]
public sealed class GgufParityTests
{
    public static TheoryData<string> Files => [.. GgufModelTests.Families.Select(row => row.Data)];

    [Theory, MemberData(nameof(Files))]
    public void A_gguf_fixture_gives_the_states_and_logits_of_its_model(string family)
        => Check(Path.Combine(Fixtures.Root, "gguf", family + ".gguf"), Path.Combine(Fixtures.Root, "models", family, "expected.safetensors"), 1e-4);

    [Theory, InlineData("bloom"), InlineData("falcon-7b"), InlineData("falcon-40b"), InlineData("qwen3"), InlineData("gemma2"), InlineData("gemma3_text")]
    public void A_converted_model_gives_the_states_and_logits_of_the_original(string family)
    {
        using var file = new TemporaryFile(ConvertedModels.Write(family).ToArray(), ".gguf");
        Check(file.Path, Path.Combine(Fixtures.Root, "models", family, "expected.safetensors"), 1e-4);
    }

    [Fact]
    public void SmolLM2_gives_the_states_of_its_expanded_weights()
    {
        var (model, expected) = (Path.Combine(Fixtures.Shared, "models", "smollm2"),
            Path.Combine(Fixtures.Shared, "fixtures", "real", "smollm2-135m-instruct", "expected.safetensors"));
        Fixtures.SkipWithout(model);
        Fixtures.SkipWithout(expected);
        Check(model, expected, 2e-3);
    }

    private static void Check(string gguf, string expectedFile, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var model = GgufModel.Open(gguf);
        var json = ConfigJson.Parse(gguf, Encoding.UTF8.GetBytes(model.ConfigJson));
        var family = ModelFamily.Of(json);
        var config = ConfigCheck.Checked(family.Read(json), json);
        var reader = new WeightReader(model.Checkpoint, family.Weights(config), ScalarType.Float32, TestDevice.Torch);
        using var transformer = new Transformer(reader, config, family.Weights(config), ScalarType.Float32);
        reader.RefuseLeftovers();
        var (expected, _) = Fixtures.Read(expectedFile);
        var lengths = expected["lengths"].cpu().data<long>().ToArray();
        for (var r = 0; r < lengths.Length; r++)
        {
            var hidden = transformer.Forward(new() { Ids = expected["input_ids"][r].narrow(0, 0, lengths[r]).unsqueeze(0) }).Hidden;
            Fixtures.AssertClose(expected["hidden"][r].narrow(0, 0, lengths[r]), hidden[0], $"hidden of row {r}", tolerance);
            if (expected.TryGetValue("logits", out var logits))
                Fixtures.AssertClose(logits[r].narrow(0, 0, lengths[r]), transformer.Logits(hidden)[0], $"logits of row {r}", tolerance);
            if (expected.TryGetValue("last_logits", out var last))
                Fixtures.AssertClose(last[r], transformer.Logits(hidden)[0, lengths[r] - 1], $"last logits of row {r}", tolerance);
        }
    }
}
