namespace SkTuning.Tests.Checkpoints;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_new_file_is_created()
    {
        AtomicFile.WriteText(_folder["a"], "größer");
        Assert.Equal("größer"u8.ToArray(), File.ReadAllBytes(_folder["a"]));
        AssertOnly("a");
    }

    [Fact]
    public void A_file_is_replaced_through_a_stream_a_path_and_text()
    {
        File.WriteAllText(_folder["a"], "a longer old text");
        AtomicFile.Write(_folder["a"], (Stream stream) => stream.Write("stream"u8));
        Assert.Equal("stream", File.ReadAllText(_folder["a"]));
        AtomicFile.Write(_folder["a"], (string path) => File.WriteAllText(path, "path"));
        Assert.Equal("path", File.ReadAllText(_folder["a"]));
        AtomicFile.WriteText(_folder["a"], "text");
        Assert.Equal("text", File.ReadAllText(_folder["a"]));
        AssertOnly("a");
    }

    [Fact]
    public void A_failure_leaves_the_old_file_and_nothing_else()
    {
        File.WriteAllText(_folder["a"], "old");
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(_folder["a"], (Stream stream) =>
        {
            stream.Write("half of the new"u8);
            throw new InvalidOperationException();
        }));
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(_folder["a"], (string path) =>
        {
            File.WriteAllText(path, "half of the new");
            throw new InvalidOperationException();
        }));
        Assert.Equal("old", File.ReadAllText(_folder["a"]));
        AssertOnly("a");
    }

    [Fact]
    public void A_file_that_cannot_be_written_is_named()
    {
        Directory.CreateDirectory(_folder["a"]);
        Assert.StartsWith(_folder["a"] + ": ", Assert.ThrowsAny<SkTuningException>(() => AtomicFile.WriteText(_folder["a"], "x")).Message);
        File.WriteAllText(_folder["file"], "");
        var below = Path.Combine(_folder["file"], "a");
        Assert.StartsWith(below + ": ", Assert.ThrowsAny<SkTuningException>(() => AtomicFile.WriteText(below, "x")).Message);
        AssertOnly("a", "file");
    }

    [Fact]
    public void A_symbolic_link_stays_one_and_its_target_is_replaced()
    {
        Directory.CreateDirectory(_folder["elsewhere"]);
        var target = Path.Combine(_folder["elsewhere"], "a");
        File.WriteAllText(target, "old");
        File.CreateSymbolicLink(_folder["first"], Path.Combine("elsewhere", "a"));
        File.CreateSymbolicLink(_folder["second"], "first");
        File.CreateSymbolicLink(_folder["to nothing"], Path.Combine("elsewhere", "b"));

        AtomicFile.WriteText(_folder["second"], "new");
        AtomicFile.WriteText(_folder["to nothing"], "new");

        Assert.Equal("first", new FileInfo(_folder["second"]).LinkTarget);
        Assert.Equal(Path.Combine("elsewhere", "a"), new FileInfo(_folder["first"]).LinkTarget);
        Assert.Equal("new", File.ReadAllText(target));
        Assert.Null(new FileInfo(target).LinkTarget);
        Assert.Equal("new", File.ReadAllText(Path.Combine(_folder["elsewhere"], "b")));
        AssertOnly("elsewhere", "first", "second", "to nothing");
    }

    public void Dispose() => _folder.Dispose();

    private void AssertOnly(params string[] names) => Assert.Equal(names, Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order());
}
