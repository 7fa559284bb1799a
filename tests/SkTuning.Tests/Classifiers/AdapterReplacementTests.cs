using SkTuning.Adapters;

namespace SkTuning.Tests.Classifiers;

/// <summary>An adapter is replaced as a whole, whoever reads or writes it meanwhile and however the save ends; nothing else in its folder is touched.</summary>
public sealed class AdapterReplacementTests : IDisposable
{
    private static readonly string[] Texts = ["delivery is late", "my payment failed", "returns are open"];

    private readonly TemporaryFolder _folder = new();
    private readonly FrozenModel _model = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });
    private readonly TextClassifier _old, _new;
    private readonly string _a;

    public AdapterReplacementTests()
    {
        (_old, _new) = (Train("delivery", "payment", "returns"), Train("2-delivery", "3-payment", "1-returns"));
        _a = _folder["a"];
    }

    [Fact]
    public async Task Loads_during_saves_of_several_threads_are_whole_and_every_save_succeeds()
    {
        _old.Save(_a);
        var (stop, saves) = (false, 0);
        Task[] writers = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; !Volatile.Read(ref stop); i++, Interlocked.Increment(ref saves)) (i % 2 == 0 ? _new : _old).Save(_a);
        }, TestContext.Current.CancellationToken))];
        for (var i = 0; i < 60; i++) AssertOldOrNew(_a);
        Volatile.Write(ref stop, true);
        await Task.WhenAll(writers);
        Assert.True(saves > 4);
        AssertOnly("adapter.json", "adapter.safetensors");
        AssertOldOrNew(_a);
    }

    [Fact]
    public async Task The_first_save_of_several_threads_succeeds_in_all_of_them()
    {
        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => (i % 2 == 0 ? _new : _old).Save(_a), TestContext.Current.CancellationToken)));
        AssertOnly("adapter.json", "adapter.safetensors");
        Assert.Equal([_a], Directory.GetFileSystemEntries(_folder.Path));
        AssertOldOrNew(_a);
    }

    [Fact]
    public void A_save_that_ends_between_any_two_renames_leaves_the_old_or_the_new_adapter()
    {
        _old.Save(_a);
        var copies = new List<string>();
        AtomicFolder.BeforeRename = () =>
        {
            copies.Add(_folder[$"copy {copies.Count}"]);
            Copy(_a, copies[^1]);
        };
        try { _new.Save(_a); }
        finally { AtomicFolder.BeforeRename = null; }
        Assert.Equal(3, copies.Count);
        var labels = copies.Select(Labels).ToList();
        Assert.Equal([_old.Labels, _new.Labels, _new.Labels], labels);
        foreach (var copy in copies)
        {
            _old.Save(copy);
            Assert.Equal(["adapter.json", "adapter.safetensors"], Names(copy));
            Assert.Equal(_old.Labels, Labels(copy));
        }
    }

    [Fact]
    public void What_an_ended_process_left_is_removed_by_the_next_save_and_what_a_running_one_uses_is_not()
    {
        _old.Save(_a);
        var (id, other) = (new string('a', 32), new string('b', 32));
        string[] inside = [Path.Combine(_a, $".{id}.saving"), Path.Combine(_a, $".{other}.saving")];
        foreach (var left in (string[])[.. inside, _folder[$".a.{id}.saving"], _folder[$".b.{id}.saving"]])
        {
            Directory.CreateDirectory(left);
            File.WriteAllText(Path.Combine(left, ".lock"), "");
        }
        Directory.CreateDirectory(Path.Combine(_a, ".notes.saving"));
        using (new FileStream(Path.Combine(_a, $".{other}.saving", ".lock"), FileMode.Open, FileAccess.ReadWrite, FileShare.None)) _new.Save(_a);
        Assert.Equal([$".{other}.saving", ".notes.saving", "adapter.json", "adapter.safetensors"], Names(_a));
        Assert.Equal([$".b.{id}.saving", "a"], Names(_folder.Path));
        _new.Save(_a);
        AssertOnly(".notes.saving", "adapter.json", "adapter.safetensors");
    }

    [Fact]
    public void Other_files_in_the_folder_of_an_adapter_are_kept()
    {
        _old.Save(_a);
        Directory.CreateDirectory(Path.Combine(_a, "results"));
        File.WriteAllText(Path.Combine(_a, "results", "notes.txt"), "mine");
        _new.Save(_a + Path.DirectorySeparatorChar);
        Assert.Equal("mine", File.ReadAllText(Path.Combine(_a, "results", "notes.txt")));
        Assert.Equal(_new.Labels, Labels(_a));
    }

    [Theory]
    [InlineData("adapter.json", "{\"name\": \"settings of my program\"}")]
    [InlineData("adapter.json", "not JSON")]
    [InlineData("adapter.json", "[1]")]
    [InlineData("adapter.json", "{\"format\": \"other\"}")]
    [InlineData("adapter.safetensors", null)]
    public void A_file_of_another_program_is_never_overwritten(string name, string? text)
    {
        Directory.CreateDirectory(_a);
        var file = Path.Combine(_a, name);
        if (text is null) File.Copy(Path.Combine(Fixtures.MicroModel, "model.safetensors"), file);
        else File.WriteAllText(file, text);
        var before = File.ReadAllBytes(file);
        Assert.Contains(file, Assert.ThrowsAny<SkTuningException>(() => _old.Save(_a)).Message);
        Assert.Equal(before, File.ReadAllBytes(file));
        AssertOnly(name);
    }

    [Fact]
    public void A_damaged_adapter_can_be_replaced()
    {
        _old.Save(_a);
        File.WriteAllText(Path.Combine(_a, "adapter.safetensors"), "half");
        _new.Save(_a);
        File.WriteAllText(Path.Combine(_a, "adapter.json"), "");
        _new.Save(_a);
        Assert.Equal(_new.Labels, Labels(_a));
    }

    [Fact]
    public void A_link_to_a_folder_stays_a_link_and_links_in_it_are_not_written_through()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege there");
        _old.Save(_folder["target"]);
        Directory.CreateSymbolicLink(_a, "target");
        File.Move(Path.Combine(_a, "adapter.json"), _folder["elsewhere.json"]);
        File.CreateSymbolicLink(Path.Combine(_a, "adapter.json"), _folder["elsewhere.json"]);
        var before = File.ReadAllText(_folder["elsewhere.json"]);
        _new.Save(_a);
        Assert.Equal("target", new DirectoryInfo(_a).LinkTarget);
        Assert.Equal(_new.Labels, Labels(_folder["target"]));
        Assert.Equal(before, File.ReadAllText(_folder["elsewhere.json"]));
        Directory.CreateSymbolicLink(_folder["dangling"], "nowhere");
        Assert.Contains("link to nothing", Assert.ThrowsAny<SkTuningException>(() => _new.Save(_folder["dangling"])).Message);
        File.WriteAllText(_folder["file"], "x");
        Assert.Contains("found a file", Assert.ThrowsAny<SkTuningException>(() => _new.Save(_folder["file"])).Message);
    }

    [Fact]
    public void The_mode_of_the_files_is_kept()
    {
        if (OperatingSystem.IsWindows()) return;
        _old.Save(_a);
        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        foreach (var file in Directory.GetFiles(_a)) File.SetUnixFileMode(file, Mode);
        _new.Save(_a);
        foreach (var file in Directory.GetFiles(_a)) Assert.Equal(Mode, File.GetUnixFileMode(file));
    }

    [Fact]
    public void A_changed_byte_of_the_tensors_is_refused_by_the_checksum()
    {
        _old.Save(_a);
        var file = Path.Combine(_a, "adapter.safetensors");
        var bytes = File.ReadAllBytes(file);
        bytes[^4] ^= 1;
        File.WriteAllBytes(file, bytes);
        var e = Assert.Throws<SkTuningFileException>(() => TextClassifier.Load(_a, _model));
        Assert.Equal((file, "checksum"), (e.File, e.Key));
        Assert.Equal("checksum", Assert.Throws<SkTuningFileException>(() => TextClassifier.Train(_model, Rows("delivery", "payment", "returns"),
            new() { StartFrom = _a, Dev = Rows("delivery", "payment", "returns"), Method = new ProbeOptions() })).Key);
    }

    public void Dispose()
    {
        _old.Dispose();
        _new.Dispose();
        _model.Dispose();
        _folder.Dispose();
    }

    private static Row[] Rows(params string[] labels) => [.. Texts.Zip(labels, (text, label) => new Row(text, label))];

    private TextClassifier Train(params string[] labels) => TextClassifier.Train(_model, Rows(labels),
        new() { Prompt = "", Method = new ProbeOptions(), Dev = Rows(labels), Training = new() { Epochs = 1 } });

    /// <summary>The labels of the adapter in a folder, whose predictions must be those of the adapter with these labels.</summary>
    private IEnumerable<string> Labels(string folder)
    {
        using var loaded = TextClassifier.Load(folder, _model);
        var saved = loaded.Labels.SequenceEqual(_old.Labels) ? _old : _new;
        Assert.Equal(saved.Labels, loaded.Labels);
        foreach (var text in Texts) Assert.Equal(saved.Predict(text).Scores.Values, loaded.Predict(text).Scores.Values);
        return loaded.Labels;
    }

    private void AssertOldOrNew(string folder) => Labels(folder);

    private void AssertOnly(params string[] names) => Assert.Equal(names, Names(_a));

    private static IEnumerable<string?> Names(string folder) => Directory.GetFileSystemEntries(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal);

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
        {
            // A locked file cannot be read; the system releases the lock of a process that ends.
            if (Path.GetFileName(file) == ".lock") File.WriteAllText(Path.Combine(to, ".lock"), "");
            else File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
        foreach (var folder in Directory.GetDirectories(from)) Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
    }
}
