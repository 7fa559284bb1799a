using SkTuning.Peft;

namespace SkTuning.Tests.Peft;

/// <summary>An export and a merge replace nothing but what an earlier export wrote; damaged folders are refused.</summary>
public sealed class PeftReplacementTests : IDisposable
{
    private const int Seeds = 80;

    private readonly TemporaryFolder _folder = new();
    private readonly FrozenModel _model = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });
    private readonly TextClassifier _adapter;
    private readonly string _a;

    public PeftReplacementTests()
    {
        Row[] rows = [new("the film is good", "good"), new("a bad film", "bad")];
        _adapter = TextClassifier.Train(_model, rows, new()
        {
            Method = new LoraOptions { Rank = 2 },
            Head = new HuggingFaceHeadOptions(),
            Dev = rows,
            MaxTokens = 8,
            Training = new() { Epochs = 1 },
        });
        _a = _folder["a"];
    }

    [Fact]
    public void An_export_replaces_an_earlier_one_and_keeps_other_files()
    {
        PeftInterop.Export(_adapter, _a);
        File.WriteAllText(Path.Combine(_a, "notes.txt"), "mine");
        PeftInterop.Export(_adapter, _a, "org/name");
        Assert.Contains("org/name", File.ReadAllText(Path.Combine(_a, "adapter_config.json")));
        Assert.Equal(["README.md", "adapter_config.json", "adapter_model.safetensors", "notes.txt"], Names());
    }

    [Theory]
    [InlineData("adapter_config.json")]
    [InlineData("README.md")]
    public void A_file_that_peft_or_a_person_wrote_is_never_overwritten(string name)
    {
        Directory.CreateDirectory(_a);
        File.WriteAllText(Path.Combine(_a, name), "{\"peft_type\": \"LORA\"}");
        Assert.Contains("not a file of an earlier export", Assert.ThrowsAny<SkTuningException>(() => PeftInterop.Export(_adapter, _a)).Message);
        Assert.Equal("{\"peft_type\": \"LORA\"}", File.ReadAllText(Path.Combine(_a, name)));
        Assert.Equal([name], Names());
    }

    [Fact]
    public void A_merge_fills_an_empty_folder_and_no_other()
    {
        Directory.CreateDirectory(_a);
        AdapterMerge.Write(_adapter, _a);
        Assert.Contains("config.json", Names());
        Assert.DoesNotContain(Names(), n => n!.EndsWith(".saving", StringComparison.Ordinal));
        using (var merged = FrozenModel.Load(_a, new() { Device = "cpu" }))
        using (TextClassifier.Load(Path.Combine(_a, "head"), merged)) { }
        Assert.Contains("never overwritten", Assert.ThrowsAny<SkTuningException>(() => AdapterMerge.Write(_adapter, _a)).Message);
    }

    [Fact]
    public void Whatever_is_changed_in_an_adapter_or_an_export_it_is_refused_or_loads()
    {
        PeftInterop.Export(_adapter, _a);
        _adapter.Save(_folder["b"]);
        foreach (var file in (string[])[Path.Combine(_a, "adapter_config.json"), Path.Combine(_a, "adapter_model.safetensors"),
            Path.Combine(_folder["b"], "adapter.json"), Path.Combine(_folder["b"], "adapter.safetensors")])
        {
            var before = File.ReadAllBytes(file);
            for (var seed = 0; seed < Seeds; seed++)
            {
                var (bytes, random) = ((byte[])before.Clone(), new Random(seed));
                for (var i = random.Next(1, 4); i > 0; i--)
                    bytes[random.Next(Math.Min(bytes.Length, 4000))] = "0123456789-\"{}[],:nulltruex.e"u8[random.Next(29)];
                File.WriteAllBytes(file, random.Next(8) == 0 ? bytes[..random.Next(bytes.Length)] : bytes);
                var thrown = Record.Exception(() =>
                {
                    if (file.StartsWith(_a, StringComparison.Ordinal)) PeftInterop.Import(TaskKinds.All[0], _a, _model, null).Dispose();
                    else TunedAdapter.Load(_folder["b"], _model).Dispose();
                });
                Assert.True(thrown is null or SkTuningException, $"seed {seed}, {Path.GetFileName(file)}: {thrown}");
            }
            File.WriteAllBytes(file, before);
        }
    }

    public void Dispose()
    {
        _adapter.Dispose();
        _model.Dispose();
        _folder.Dispose();
    }

    private IEnumerable<string?> Names() => Directory.GetFileSystemEntries(_a).Select(Path.GetFileName).Order(StringComparer.Ordinal);
}
