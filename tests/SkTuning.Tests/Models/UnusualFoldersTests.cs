using System.Diagnostics;
using System.Text.Json.Nodes;

namespace SkTuning.Tests.Models;

/// <summary>Pipes, pointers, links and folders in place of a model's files are refused by name, without waiting.</summary>
public sealed class UnusualFoldersTests : IDisposable
{
    private const string Pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", Page = "<!DOCTYPE html><html><title>404</title>";

    private static readonly string[] Files = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> ModelFiles() => ["config.json", "model.safetensors", "model-00001-of-00001.safetensors", "model.safetensors.index.json",
        "pytorch_model.bin", "m.gguf"];

    [Theory, MemberData(nameof(ModelFiles))]
    public void A_pipe_in_a_files_place_is_refused_before_it_is_opened(string file)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "named pipes are files on Unix alone");
        Copy(file);
        using (var make = Process.Start("mkfifo", _folder[file])) make.WaitForExit();
        AssertRefused($"{file}: found a named pipe, expected a regular file");
        File.Move(_folder[file], _folder["elsewhere"]);
        File.CreateSymbolicLink(_folder[file], "elsewhere");
        AssertRefused($"{file}: found a named pipe, expected a regular file");
        Assert.Contains("a named pipe", Assert.ThrowsAny<SkTuningException>(() => FrozenModel.Load(_folder["elsewhere"], new() { Device = "cpu" })).Message);
    }

    [Theory, MemberData(nameof(ModelFiles))]
    public void What_stands_for_a_file_that_was_not_downloaded_is_named(string file)
    {
        Copy(file);
        File.WriteAllText(_folder[file], Pointer);
        AssertRefused($"{file}: found a Git LFS pointer: the file itself was not downloaded", "git lfs pull");
        File.WriteAllText(_folder[file], Page);
        AssertRefused($"{file}: found a web page");
    }

    [Theory, MemberData(nameof(ModelFiles))]
    public void A_link_that_leads_to_itself_and_a_folder_in_a_files_place_are_errors_that_name_the_folder(string file)
    {
        Copy(file);
        File.CreateSymbolicLink(_folder[file], file);
        AssertRefused(_folder.Path);
        File.Delete(_folder[file]);
        Directory.CreateDirectory(_folder[file]);
        AssertRefused(_folder.Path);
    }

    [Fact]
    public void A_folder_without_files_a_missing_one_and_a_file_are_errors_that_name_the_path()
    {
        AssertRefused("config.json: does not exist, expected a file");
        foreach (var path in (string[])[_folder["none"], "", "a\0b", new string('x', 5000)])
            Assert.Contains("expected a model folder", Assert.ThrowsAny<SkTuningException>(() => FrozenModel.Load(path, new() { Device = "cpu" })).Message);
        File.CreateSymbolicLink(_folder["loop"], "loop");
        Assert.Contains("loop: cannot be used", Assert.ThrowsAny<SkTuningException>(() => FrozenModel.Load(_folder["loop"], new() { Device = "cpu" })).Message);
    }

    [Fact]
    public void A_config_too_large_to_be_one_is_not_read()
    {
        Copy("config.json");
        using (var file = File.Create(_folder["config.json"])) file.SetLength(3L << 30);
        var before = GC.GetAllocatedBytesForCurrentThread();
        AssertRefused("config.json: found a file of 3221225472 bytes, expected at most 67108864 bytes");
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 16 << 20);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Added_tokens_without_a_row_are_read_as_plain_text(int tokens)
    {
        Copy("none");
        Add([.. Enumerable.Range(0, tokens).Select(t => $"<pad{t}>")]);
        File.WriteAllText(_folder["tokenizer_config.json"], """{"pad_token": "<pad0>", "tokenizer_class": "PreTrainedTokenizerFast"}""");
        using var plain = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });
        using var model = FrozenModel.Load(_folder.Path, new() { Device = "cpu" });
        var tokenizer = model.Tokenizer;
        Assert.Equal((22, null, null), (tokenizer.VocabularySize, tokenizer.PadId, tokenizer.IdOf("<pad0>")));
        foreach (var text in (string[])["the card", "the <pad0> card", "<pad0>", "<pad2><pad1> card <pad0>"])
        {
            Assert.All(tokenizer.EncodeIds(text), id => Assert.InRange(id, 0, 21));
            Assert.All(tokenizer.Encode(text, text).Ids, id => Assert.InRange(id, 0, 21));
        }
        Assert.Equal(plain.Tokenizer.EncodeIds("the card was refused"), tokenizer.EncodeIds("the card was refused"));
        Row[] rows = [new("the card <pad0>", "a"), new("my parcel", "b"), new("<pad0>", "a"), new("the box is", "b")];
        using var trained = TextClassifier.Train(model, rows, new() { Prompt = "the topic", Training = new() { Epochs = 1, BatchSize = 4, Patience = 0 } });
        Assert.True(double.IsFinite(trained.Predict("the <pad0> parcel").Confidence));
    }

    [Fact]
    public void An_ordinary_token_without_a_row_means_another_model()
    {
        Copy("none");
        var json = JsonNode.Parse(File.ReadAllText(_folder["tokenizer.json"]))!;
        json["model"]!["vocab"]!["surplus"] = 22;
        File.WriteAllText(_folder["tokenizer.json"], json.ToJsonString());
        AssertRefused("'tokenizer' is 23 ids", "belong to different models");
    }

    [Fact]
    public void A_token_without_a_row_that_is_in_every_text_means_another_model()
    {
        Copy("none");
        Add(["<cls>"]);
        var json = JsonNode.Parse(File.ReadAllText(_folder["tokenizer.json"]))!;
        json["post_processor"] = JsonNode.Parse("""
            {"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<cls>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],
             "pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],
             "special_tokens":{"<cls>":{"id":"<cls>","ids":[22],"tokens":["<cls>"]}}}
            """);
        File.WriteAllText(_folder["tokenizer.json"], json.ToJsonString());
        AssertRefused("belong to different models");
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Copies the micro model without a file, and with the others that lead to it.</summary>
    private void Copy(string without)
    {
        if (without == "m.gguf") return;
        foreach (var file in Files.Where(f => f != without)) File.Copy(Path.Combine(Fixtures.MicroModel, file), _folder[file]);
        if (without is "config.json" or "none" or "model.safetensors") return;
        File.Delete(_folder["model.safetensors"]);
        if (without.StartsWith("model-", StringComparison.Ordinal))
            File.WriteAllText(_folder["model.safetensors.index.json"], "{\"weight_map\": {\"a\": \"" + without + "\"}}");
    }

    private void Add(string[] tokens)
    {
        var json = JsonNode.Parse(File.ReadAllText(_folder["tokenizer.json"]))!;
        foreach (var (i, token) in tokens.Index())
            json["added_tokens"]!.AsArray().Add(new JsonObject
            {
                ["id"] = 22 + i, ["content"] = token, ["single_word"] = false, ["lstrip"] = false, ["rstrip"] = false, ["normalized"] = false,
                ["special"] = true,
            });
        File.WriteAllText(_folder["tokenizer.json"], json.ToJsonString());
    }

    private void AssertRefused(params string[] parts)
    {
        var error = Assert.ThrowsAny<SkTuningException>(() => FrozenModel.Load(_folder.Path, new() { Device = "cpu" }));
        foreach (var part in parts) Assert.Contains(part, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }
}
