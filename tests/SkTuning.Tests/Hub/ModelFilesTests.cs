using SkTuning.Hub;

namespace SkTuning.Tests.Hub;

/// <summary>The selection of the files to download.</summary>
public sealed class ModelFilesTests : HubTest
{
    private static readonly string[] Texts = ["config.json", "tokenizer.json"];

    [Theory]
    [InlineData("model.safetensors", "model.safetensors", "pytorch_model.bin", "model.safetensors.index.json")]
    [InlineData("pytorch_model.bin", "pytorch_model.bin", "pytorch_model.bin.index.json", "tf_model.h5", "flax_model.msgpack")]
    [InlineData("model.safetensors.index.json", "model.safetensors.index.json", "pytorch_model.bin", "model-00001-of-00002.safetensors")]
    public void Safetensors_are_preferred_to_pickles_and_one_file_to_many(string chosen, params string[] weights)
        => Assert.Equal([.. Texts, chosen], Needed([.. Texts, "README.md", "onnx/model.onnx", .. weights]));

    [Fact]
    public void All_files_of_a_tokenizer_are_needed_and_none_from_folders()
    {
        string[] tokenizer =
        [
            "tokenizer.json", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "vocab.txt", "vocab.json",
            "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "merges.txt",
        ];
        Assert.Equal(
            ["config.json", .. tokenizer, "model.safetensors"],
            Needed([.. tokenizer, "config.json", "model.safetensors", "original/tokenizer.model", "generation_config.json"]));
    }

    [Fact]
    public async Task Shards_are_those_of_the_index()
    {
        Site.Dispose();
        Site = new(
            ("config.json", "{}"u8.ToArray()), ("vocab.txt", "a"u8.ToArray()), ("model-00001-of-00002.safetensors", HubSite.Bytes(1000)),
            ("model-00002-of-00002.safetensors", HubSite.Bytes(2000)), ("other.safetensors", HubSite.Bytes(10)),
            ("model.safetensors.index.json", """
                {"weight_map": {"b": "model-00002-of-00002.safetensors", "a": "model-00001-of-00002.safetensors", "c": "model-00002-of-00002.safetensors"}}
                """u8.ToArray()));
        await Get();
        string[] all =
            ["config.json", "vocab.txt", "model.safetensors.index.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
        Assert.Equal(all, Log.All.Where(p => p.Step == HubStep.Ready).Select(p => p.File));
        AssertWhole(all);
        await Offline();
        File.Delete(Path.Combine(Snapshot, "model-00002-of-00002.safetensors"));
        Assert.Contains("model-00002-of-00002.safetensors", (await Refused(Site.Settings(Home.Path, offline: true))).Message);
    }

    [Fact]
    public async Task A_shard_that_the_repository_lacks_is_named()
    {
        Site.Dispose();
        Site = new(
            ("config.json", "{}"u8.ToArray()), ("vocab.txt", "a"u8.ToArray()),
            ("model.safetensors.index.json", """{"weight_map": {"a": "gone.safetensors"}}"""u8.ToArray()));
        Assert.Contains("'gone.safetensors' is missing", (await Refused()).Message);
    }

    [Fact]
    public async Task One_GGUF_file_is_downloaded_alone_and_found_offline()
    {
        Site.Add("q/tiny-q4_0.gguf", HubSite.Bytes(5000));
        Site.Add("tiny-f16.gguf", HubSite.Bytes(9000));
        var path = await Get(gguf: "q/tiny-q4_0.gguf");
        Assert.Equal(Path.Combine(Snapshot, "q", "tiny-q4_0.gguf"), path);
        AssertWhole("q/tiny-q4_0.gguf");
        Assert.Equal("../../../blobs/" + Site.Etag("q/tiny-q4_0.gguf"), new FileInfo(path).LinkTarget);
        Assert.Single(Log.All, p => p.Step == HubStep.Ready);
        Assert.Equal(path, await Get(Site.Settings(Home.Path, offline: true), gguf: "q/tiny-q4_0.gguf"));
    }

    [Fact]
    public void The_GGUF_files_of_a_repository_are_listed()
    {
        var e = Assert.ThrowsAny<SkTuningException>(() => Needed(["README.md", "a-q4.gguf", "b-q8.gguf"]));
        Assert.Contains("Choose one of its GGUF files (ggufFile, --gguf): a-q4.gguf, b-q8.gguf.", e.Message);
        Assert.Contains("a-q4.gguf", Assert.ThrowsAny<SkTuningException>(() => Needed(["a-q4.gguf"], "c.gguf")).Message);
    }

    [Theory]
    [InlineData("../x.gguf")]
    [InlineData("model.safetensors")]
    [InlineData("big-00001-of-00003.gguf")]
    public void A_GGUF_name_outside_the_repository_or_of_another_type_or_of_one_part_is_refused(string name)
        => Assert.Contains(name,
            Assert.ThrowsAny<SkTuningException>(() => Needed(["config.json", "model.safetensors", "big-00001-of-00003.gguf"], name)).Message);

    [Theory]
    [InlineData("config.json", "tokenizer.json", "model.safetensors")]
    [InlineData("a tokenizer", "config.json", "model.safetensors")]
    [InlineData("weights that can be read", "config.json", "tokenizer.json", "tf_model.h5")]
    public void The_missing_file_is_named_together_with_the_available_ones(string missing, params string[] files)
    {
        var e = Assert.ThrowsAny<SkTuningException>(() => Needed(files));
        Assert.Contains("no " + missing.Replace("a ", ""), e.Message);
        Assert.Contains(files[0], e.Message);
    }

    private static IReadOnlyList<string> Needed(string[] files, string? gguf = null)
        => ModelFiles.Needed("acme/tiny (main)", files.ToHashSet(), gguf);
}
