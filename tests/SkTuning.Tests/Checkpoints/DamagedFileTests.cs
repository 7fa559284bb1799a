using SkTuning.Checkpoints;
using SkTuning.Checkpoints.Gguf;
using SkTuning.Checkpoints.Pickle;
using SkTuning.Models.Gguf;
using SkTuning.Tests.Checkpoints.Pickle;
using SkTuning.Tests.Models.Gguf;
using static TorchSharp.torch;

namespace SkTuning.Tests.Checkpoints;

/// <summary>
/// Tests more than two thousand damaged files of each format (see DamagedConfigTests for config.json). Each file loads, or is refused with a
/// <see cref="SkTuningException"/>; none ends the process, takes seconds or creates objects of more than 16 MB plus 16 times the size of the file. Every tensor
/// of a file that loads can be read. The seeds are fixed: a failure names the seed to debug.
/// </summary>
public sealed class DamagedFileTests
{
    private const int FilesPerCase = 700;

    /// <summary>The factor on the number of files, with different seeds, for a longer search by hand.</summary>
    private static readonly int Times = int.TryParse(Environment.GetEnvironmentVariable("SKTUNING_FUZZ_TIMES"), out var times) ? times : 1;

    [Fact]
    public void Safetensors()
    {
        using var scope = NewDisposeScope();
        using var whole = new TemporaryFile([]);
        SafetensorsWriter.Write(
            whole.Path,
            [("model.a", randn(3, 5)), ("model.b", randn(7).to(bfloat16)), ("c", zeros(0, 4)), ("d", ones(2, 3, 4).to(float16)), ("e", arange(6))],
            new Dictionary<string, string> { ["format"] = "pt" });
        Run("safetensors", File.ReadAllBytes(whole.Path), header: 420, ".safetensors", path => ReadAll(new SafetensorsCheckpoint(path)), files: 2100);
    }

    [Fact]
    public void Gguf_tables_and_blocks()
        => Run(
            "blocks", File.ReadAllBytes(Path.Combine(Fixtures.Root, "gguf", "blocks.gguf")), header: 900, ".gguf",
            path => ReadAll(GgufCheckpoint.Open(path)));

    [Fact]
    public void Gguf_models()
        => Run("model", File.ReadAllBytes(Path.Combine(Fixtures.Root, "gguf", "llama-q4_0.gguf")), header: 6000, ".gguf", ReadModel);

    [Fact]
    public void Small_gguf_models_of_every_architecture()
    {
        string[] architectures =
            ["llama", "qwen2", "qwen3", "gemma", "gemma2", "gemma3", "phi3", "gpt2", "falcon", "bloom", "bert", "starcoder2", "stablelm", "olmo2"];
        for (var i = 0; i < architectures.Length; i++)
        {
            var a = architectures[i];
            var writer = GgufModelTests.Small(a).F32(a + ".attention.layer_norm_epsilon", 1e-5f)
                .Text(a + ".rope.scaling.type", "yarn").F32(a + ".rope.scaling.factor", 2).U32(a + ".rope.scaling.original_context_length", 16)
                .U32(a + ".attention.sliding_window", a == "olmo2" ? 0u : 8u)
                .Text("tokenizer.ggml.model", "gpt2").Texts("tokenizer.ggml.tokens", ["a", "b", "c", "d"]).U32("tokenizer.ggml.bos_token_id", 1)
                .Tensor("output_norm.weight", [8], new float[8]).Tensor($"blk.0.{(a == "olmo2" ? "post_ffw_norm" : "attn_norm")}.weight", [8], new float[8]);
            if (a is "bert")
                writer = GgufModelTests.Small(a).F32(a + ".attention.layer_norm_epsilon", 1e-5f)
                    .Tensor("position_embd.weight", [32, 8], new float[256]).Tensor("token_types.weight", [2, 8], new float[16]);
            if (a is "llama") writer.Tensor("blk.0.attn_q.weight", [8, 8], new float[64]).Tensor("rope_freqs.weight", [2], [1, 8]);
            if (a is "bloom" or "falcon" or "gpt2")
                writer.Tensor("blk.0.attn_qkv.weight", [24, 8], new float[192]).Tensor("blk.0.attn_qkv.bias", [24], new float[24]);
            var bytes = writer.ToArray();
            using (var file = new TemporaryFile(bytes)) ReadModel(file.Path);     // the undamaged file must load
            Run(a, bytes, header: 1500, ".gguf", ReadModel, files: FilesPerCase / architectures.Length, firstSeed: 10_000 * (i + 1));
        }
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Bin(bool deflate)
    {
        using var scope = NewDisposeScope();
        var writer = new TorchSaveWriter { Deflate = deflate, Zip64 = deflate, Alignment = deflate ? 1 : 64, Parameters = deflate };
        var whole = writer.Save(("model.a", randn(3, 5)), ("model.b", randn(7).to(bfloat16)), ("c", randn(4, 6).t()), ("d", arange(6)));
        Run(
            deflate ? "deflated" : "stored", whole, header: deflate ? -900 : 1100, ".bin", path => ReadAll(new PickleCheckpoint(path)),
            firstSeed: deflate ? 5_000 : 0);
        if (!deflate) Run("directory", whole, header: -600, ".bin", path => ReadAll(new PickleCheckpoint(path)), files: 300, firstSeed: 7_000);
    }

    [Fact]
    public void Pickles_inside_an_undamaged_zip()
    {
        // The pickle is damaged before it is packed, so that the checks of the zip file do not refuse it.
        var writer = new TorchSaveWriter();
        byte[] pickle;
        using (var scope = NewDisposeScope())
        using (var file = new TemporaryFile(writer.Save(("model.a", randn(3, 5)), ("model.b", randn(7).to(bfloat16)), ("c", randn(4, 6).t())), ".bin"))
        {
            using var map = new MappedFile(file.Path);
            pickle = new ZipDirectory(map).Content("archive/data.pkl", 1 << 20);
        }
        Run("pickle", pickle, header: pickle.Length, ".bin", path => ReadAll(new PickleCheckpoint(path)), pack: writer.Zip);
    }

    [Fact]
    public void Indexes_of_shards()
    {
        using var scope = NewDisposeScope();
        using var shard = new TemporaryFile([], ".safetensors");
        SafetensorsWriter.Write(shard.Path, [("a", ones(3)), ("b", ones(2))]);
        var name = Path.GetFileName(shard.Path);
        var index = System.Text.Encoding.UTF8.GetBytes($"{{\"metadata\":{{\"total_size\":20}},\"weight_map\":{{\"a\":\"{name}\",\"b\":\"{name}\"}}}}");
        Run("index", index, header: index.Length, ".json", path => ReadAll(CheckpointFolder.Open(path)), files: 300);
    }

    private static void Run(
        string what, byte[] whole, int header, string extension, Action<string> use, int files = FilesPerCase, int firstSeed = 0,
        Func<byte[], byte[]>? pack = null)
    {
        var (loaded, refused) = (0, 0);
        files *= Times;
        if (Times > 1) firstSeed += 1_000_000;
        using (var good = new TemporaryFile(pack?.Invoke(whole) ?? whole, extension)) use(good.Path);
        for (var seed = firstSeed; seed < firstSeed + files; seed++)
        {
            var damaged = new Mutator((ulong)seed + 1).Damage(whole, header);
            if (pack is not null) damaged = pack(damaged);
            // A separate file each time: one that is truncated while another test still has it mapped would end the process.
            using var file = new TemporaryFile(damaged, extension);
            var guard = new HangGuard();
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                use(file.Path);
                loaded++;
            }
            catch (SkTuningException e)
            {
                refused++;
                Assert.True(e.Message.Length is > 0 and < 2000 && !e.Message.Contains('\n'), $"{what}, seed {seed}: {e.Message}");
            }
            catch (Exception e) { Assert.Fail($"{what}, seed {seed}: {e.GetType().Name}: {e.Message}\n{e.StackTrace}"); }
            var made = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(made <= (16 << 20) + 16L * damaged.Length, $"{what}, seed {seed}: {made} bytes of objects for a file of {damaged.Length} bytes");
            guard.Check($"{what}, seed {seed}");
        }
        Assert.Equal(files, loaded + refused);
        Assert.True(refused > files / 10, $"{what}: only {refused} of {files} files were refused: the damage had no effect");
        TestContext.Current.SendDiagnosticMessage($"{what}: {files} files, {loaded} loaded, {refused} refused");
    }

    private static void ReadModel(string path)
    {
        using var model = GgufModel.Open(path);
        Assert.NotEmpty(model.ConfigJson);
        ReadAll(model.Checkpoint, dispose: false);
        foreach (var name in model.Checkpoint.Entries.Keys)
        {
            using var blocks = model.Checkpoint.ReadQuantized(name);
            if (blocks is { RowLength: > 0, Bytes: > 0 } && blocks.Shape[0] > 0) blocks.DequantizeRows(0, 1, ScalarType.BFloat16).Dispose();
        }
    }

    private static void ReadAll(Checkpoint checkpoint, bool dispose = true)
    {
        try
        {
            foreach (var (name, entry) in checkpoint.Entries)
            {
                try
                {
                    using var tensor = checkpoint.Read(name);
                    Assert.Equal(entry.Shape, tensor.shape);
                    if (tensor.NumberOfElements > 0) using (tensor.contiguous().view(-1)[^1]) { }
                    checkpoint.Sample(name, 8);
                }
                catch (SkTuningException) when (checkpoint is SafetensorsCheckpoint or GgufCheckpoint) { }   // an unsupported type, refused when read
            }
        }
        finally { if (dispose) checkpoint.Dispose(); }
    }
}
