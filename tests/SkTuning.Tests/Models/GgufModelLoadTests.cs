using System.Text.Json;
using SkTuning.Tests.Checkpoints;
using SkTuning.Tests.Models.Gguf;
using static TorchSharp.torch;

namespace SkTuning.Tests.Models;

/// <summary>A GGUF file is a complete model: config, weights and tokenizer.</summary>
public sealed class GgufModelLoadTests
{
    private static string SmolLm2 => Path.Combine(Fixtures.Shared, "models", "smollm2");
    private static string Stories => Path.Combine(Fixtures.Shared, "models", "stories260k");

    [Theory, InlineData(false), InlineData(true)]
    public void SmolLM2_gives_the_ids_and_states_of_Hugging_Face(bool keepQuantized)
    {
        var expected = Path.Combine(Fixtures.Shared, "fixtures", "real", "smollm2-135m-instruct", "expected.safetensors");
        Fixtures.SkipWithout(SmolLm2);
        Fixtures.SkipWithout(expected);
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var model = FrozenModel.Load(SmolLm2, new() { Device = "cpu", KeepQuantized = keepQuantized });
        var (stored, metadata) = Fixtures.Read(expected);
        var texts = JsonSerializer.Deserialize<string[]>(metadata["texts"])!;
        for (var r = 0; r < texts.Length; r++)
        {
            int[] ids = [.. model.Tokenizer.Encode(texts[r]).Ids];
            var length = stored["lengths"][r].item<long>();
            Assert.Equal(stored["input_ids"][r].narrow(0, 0, length).data<long>().ToArray(), ids.Select(i => (long)i));
            var hidden = model.Transformer.Forward(new() { Ids = tensor(ids, ScalarType.Int64).unsqueeze(0) }).Hidden[0];
            Fixtures.AssertClose(stored["hidden"][r].narrow(0, 0, length), hidden, $"hidden of '{texts[r]}'", 2e-3);
            Fixtures.AssertClose(stored["last_logits"][r], model.Transformer.Logits(hidden[length - 1]), $"logits after '{texts[r]}'", 2e-3);
        }
    }

    [Fact]
    public void A_folder_with_one_gguf_and_the_file_itself_are_the_same_model()
    {
        Fixtures.SkipWithout(Stories);
        using var folder = FrozenModel.Load(Stories, new() { Device = "cpu" });
        using var file = FrozenModel.Load(Path.Combine(Stories, "stories260Ktok512.gguf"), new() { Device = "cpu" });
        Assert.Equal(folder.Fingerprint, file.Fingerprint);
        Assert.Equal(512, folder.Tokenizer.VocabularySize);
    }

    [Fact]
    public void Stories260k_continues_a_story()
    {
        Fixtures.SkipWithout(Stories);
        using var model = FrozenModel.Load(Stories, new() { Device = "cpu" });
        using var off = no_grad();
        using var scope = NewDisposeScope();
        List<int> ids = [.. model.Tokenizer.Encode("Once upon a time").Ids];
        for (var i = 0; i < 12; i++)
        {
            var hidden = model.Transformer.Forward(new() { Ids = tensor(ids.ToArray(), ScalarType.Int64).unsqueeze(0) }).Hidden;
            ids.Add((int)model.Transformer.Logits(hidden[0, ids.Count - 1]).argmax().item<long>());
        }
        Assert.StartsWith("Once upon a time, there was a little", model.Tokenizer.Decode(ids, skipSpecialTokens: true).TrimStart());
    }

    [Fact]
    public void Llama2c_weights_are_refused_by_name()
    {
        var file = Path.Combine(Stories, "stories260K.bin");
        Fixtures.SkipWithout(file);
        Assert.Contains("stories260K.bin", Assert.ThrowsAny<SkTuningException>(() => FrozenModel.Load(file, new() { Device = "cpu" })).Message);
    }

    [Fact]
    public void Two_gguf_files_in_a_folder_are_named()
    {
        using var folder = new TemporaryFolder();
        foreach (var name in (string[])["a.gguf", "b.gguf"]) File.WriteAllBytes(folder[name], "GGUF"u8.ToArray());
        var message = Assert.ThrowsAny<SkTuningException>(() => FrozenModel.Load(folder[""], new() { Device = "cpu" })).Message;
        Assert.Contains("a.gguf, b.gguf", message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_gguf_without_a_tokenizer_is_refused_in_one_line()
    {
        using var file = new TemporaryFile(ConvertedModels.Write("qwen3").ToArray(), ".gguf");
        var message = Assert.ThrowsAny<SkTuningException>(() => FrozenModel.Load(file.Path, new() { Device = "cpu" })).Message;
        Assert.Contains("tokenizer.ggml.model", message);
        Assert.DoesNotContain('\n', message);
    }
}
