namespace SkTuning.Tests.Classifiers;

/// <summary>What is saved is what is loaded; a wrong base and an edited prompt are detected.</summary>
public sealed class AdapterFolderTests(TrainedOnTiny tiny) : IClassFixture<TrainedOnTiny>
{
    private const string Text = "I was charged twice, please check my invoice.";

    [Fact]
    public void A_saved_adapter_gives_the_same_scores_bit_for_bit()
    {
        using var folder = new TemporaryFolder();
        tiny.Classifier.Save(folder["a"]);
        using var again = TextClassifier.Load(folder["a"], tiny.Model);
        Assert.Equal(tiny.Classifier.Predict(Text).Scores.Values, again.Predict(Text).Scores.Values);
        Assert.Equal(tiny.Classifier.Labels, again.Labels);
        Assert.Equal(tiny.Classifier.ParameterCount, again.ParameterCount);
        Assert.Equal(["adapter.json", "adapter.safetensors"], Directory.GetFiles(folder["a"]).Select(f => Path.GetFileName(f)).Order());
        Assert.True(new DirectoryInfo(folder["a"]).GetFiles().Sum(f => f.Length) < 500_000);
    }

    [Theory]
    [InlineData("\"prompt\": \"Classify", "\"prompt\": \"Guess", "prompt")]
    [InlineData("\"account\"", "\"accounts\"", "labels")]
    [InlineData("\"template\": \"{text}\"", "\"template\": \"{text}!\"", "template")]
    public void An_edit_of_the_definition_is_refused_by_name(string from, string to, string key)
    {
        using var folder = new TemporaryFolder();
        tiny.Classifier.Save(folder["a"]);
        var file = Path.Combine(folder["a"], "adapter.json");
        var text = File.ReadAllText(file);
        Assert.Contains(from, text);
        File.WriteAllText(file, text.Replace(from, to));
        var e = Assert.Throws<SkTuningFileException>(() => TextClassifier.Load(folder["a"], tiny.Model));
        Assert.Equal(key, e.Key);
        Assert.Contains(file, e.Message);
    }

    [Theory]
    [InlineData("\"prompt\": ", "\"prompt\": \"\", \"prompt\": ", "'prompt' is specified twice")]
    [InlineData("\"method\": ", "\"method\": \"probe\", \"method\": ", "'method' is specified twice")]
    [InlineData("\"prompt\": \"", "\"prompt\": \"\\uD800", "not valid JSON")]
    [InlineData("\"bottleneck\": ", "\"bottleneck\": \"\", \"x\\uD800\": ", "not valid JSON")]
    [InlineData("\"method\": \"", "\"method\": \"LONG", "'tuning' is not valid")]
    [InlineData("\"pooling\": \"", "\"pooling\": \"LONG", "'pooling' is not what the adapter was trained with")]
    public void Text_that_no_definition_has_is_refused_in_one_short_line(string from, string to, string expected)
    {
        using var folder = new TemporaryFolder();
        tiny.Classifier.Save(folder["a"]);
        var file = Path.Combine(folder["a"], "adapter.json");
        var text = File.ReadAllText(file);
        Assert.Contains(from, text);
        File.WriteAllText(file, text.Replace(from, to.Replace("LONG", new string('[', 3_000_000), StringComparison.Ordinal), StringComparison.Ordinal));
        var e = Assert.Throws<SkTuningFileException>(() => TextClassifier.Load(folder["a"], tiny.Model));
        Assert.Equal(file, e.File);
        Assert.Contains(expected, e.Message);
        Assert.InRange(e.Message.Length, 1, 2000);
    }

    [Fact]
    public void Another_base_is_refused()
    {
        using var folder = new TemporaryFolder();
        tiny.Classifier.Save(folder["a"]);
        Directory.CreateDirectory(folder["model"]);
        foreach (var file in Directory.GetFiles(Fixtures.Tiny)) File.Copy(file, Path.Combine(folder["model"], Path.GetFileName(file)));
        var weights = Path.Combine(folder["model"], "model.safetensors");
        var bytes = File.ReadAllBytes(weights);
        for (var i = bytes.Length / 2; i < bytes.Length; i++) bytes[i] ^= 1;
        File.WriteAllBytes(weights, bytes);
        using var other = FrozenModel.Load(folder["model"], new() { Device = "cpu", CopyWeights = true });
        Assert.Contains("other weights", Assert.ThrowsAny<SkTuningException>(() => TextClassifier.Load(folder["a"], other)).Message);
    }

    [Fact]
    public void Saving_replaces_an_adapter_but_no_other_folder()
    {
        using var folder = new TemporaryFolder();
        tiny.Classifier.Save(folder["a"]);
        tiny.Classifier.Save(folder["a"]);
        using (TextClassifier.Load(folder["a"], tiny.Model)) { }
        Directory.CreateDirectory(folder["mine"]);
        File.WriteAllText(Path.Combine(folder["mine"], "letter.txt"), "dear");
        Assert.Contains("other files", Assert.ThrowsAny<SkTuningException>(() => tiny.Classifier.Save(folder["mine"])).Message);
        Assert.True(File.Exists(Path.Combine(folder["mine"], "letter.txt")));
        Assert.Equal(2, Directory.GetFileSystemEntries(folder.Path).Length);
    }

    [Fact]
    public void A_full_disk_leaves_the_old_adapter()
    {
        using var disk = new SmallDisk();
        var adapter = Path.Combine(disk.Path, "a");
        tiny.Classifier.Save(adapter);
        var before = File.ReadAllBytes(Path.Combine(adapter, "adapter.safetensors"));
        File.WriteAllBytes(Path.Combine(disk.Path, "ballast"), new byte[SmallDisk.Size - 40 * 1024 - before.Length]);
        var e = Assert.ThrowsAny<SkTuningException>(() => tiny.Classifier.Save(adapter));
        Assert.Contains(adapter, e.Message);
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(adapter, "adapter.safetensors")));
        Assert.Equal(["a", "ballast"], Directory.GetFileSystemEntries(disk.Path).Select(f => Path.GetFileName(f)).Order());
        using var again = TextClassifier.Load(adapter, tiny.Model);
    }

    [Fact]
    public void A_damaged_adapter_is_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        tiny.Classifier.Save(folder["a"]);
        var file = Path.Combine(folder["a"], "adapter.safetensors");
        var bytes = File.ReadAllBytes(file);
        File.WriteAllBytes(file, bytes[..(bytes.Length / 2)]);
        Assert.Contains(file, Assert.ThrowsAny<SkTuningException>(() => TextClassifier.Load(folder["a"], tiny.Model)).Message);
        File.WriteAllText(Path.Combine(folder["a"], "adapter.json"), "{ \"format\": ");
        Assert.Contains("adapter.json", Assert.ThrowsAny<SkTuningException>(() => TextClassifier.Load(folder["a"], tiny.Model)).Message);
        Assert.Contains("nowhere", Assert.ThrowsAny<SkTuningException>(() => TextClassifier.Load(folder["nowhere"], tiny.Model)).Message);
    }
}
