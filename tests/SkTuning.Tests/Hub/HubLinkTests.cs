using System.Diagnostics;

namespace SkTuning.Tests.Hub;

/// <summary>In a cache that others can write to, a link never leads a write or a deletion to a file of the user, and a pipe never stops a download.</summary>
public sealed class HubLinkTests : HubTest
{
    private const string Weights = "model.safetensors", Text = "my notes";

    private string Notes => Home["notes"];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_unfinished_download_is_not_continued_through_a_link(bool symbolic)
    {
        WriteNotes();
        Directory.CreateDirectory(Path.GetDirectoryName(Blob(Weights))!);
        if (symbolic) Link(Blob(Weights) + ".incomplete", Notes);
        else HardLink(Blob(Weights) + ".incomplete", Notes);
        await Get();
        AssertWhole(Weights);
        AssertNotes();
    }

    [Fact]
    public async Task Nothing_is_created_where_a_broken_link_points_to()
    {
        Link(Blob(Weights) + ".incomplete", Home["created"]);
        Link(Path.Combine(Home["hub"], ".locks", "models--acme--tiny", Site.Etag(Weights) + ".lock"), Home["created-lock"]);
        await Get();
        Assert.False(File.Exists(Home["created"]) || File.Exists(Home["created-lock"]));
    }

    [Theory]
    [InlineData("refs/main")]
    [InlineData(".sktuning/" + HubSite.Commit + "/config.json")]
    [InlineData("snapshots/" + HubSite.Commit + "/config.json")]
    public async Task A_link_in_place_of_a_file_of_the_cache_is_replaced_and_not_its_target(string file)
    {
        WriteNotes();
        Link(Path.Combine(Model, file), Notes);
        await Get();
        AssertWhole("config.json", Weights);
        AssertNotes();
    }

    [Fact]
    public async Task Without_links_on_the_disk_nothing_is_written_through_one_either()
    {
        var noLinks = Site.Settings(Home.Path, links: false);
        await Get();
        WriteNotes();
        foreach (var file in Directory.GetFiles(Snapshot)) File.Delete(file);
        Link(Blob(Weights) + ".incomplete", Notes);
        Link(Path.Combine(Snapshot, Weights), Notes);
        await Get(noLinks);
        Assert.Null(new FileInfo(Path.Combine(Snapshot, Weights)).LinkTarget);
        AssertNotes();
    }

    [Theory]
    [InlineData("snapshots/" + HubSite.Commit)]
    [InlineData("refs")]
    [InlineData(".sktuning")]
    public async Task A_folder_of_the_cache_that_is_a_link_is_refused(string folder)
    {
        Directory.CreateDirectory(Home["project"]);
        File.WriteAllText(Path.Combine(Home["project"], "config.json"), Text);
        File.WriteAllText(Path.Combine(Home["project"], "main"), Text);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Model, folder))!);
        Directory.CreateSymbolicLink(Path.Combine(Model, folder), Home["project"]);
        Assert.Contains("found a link, expected a folder", (await Refused()).Message);
        Assert.Equal([Text, Text], Directory.GetFiles(Home["project"]).Select(File.ReadAllText));
    }

    [Theory]
    [InlineData("blobs", ".incomplete")]
    [InlineData("refs", "main")]
    [InlineData("snapshots/" + HubSite.Commit, "tokenizer.json")]
    public async Task A_pipe_in_the_cache_is_refused_by_name(string folder, string file)
    {
        await Get();
        var path = folder == "blobs" ? Blob(Weights) + file : Path.Combine(Model, folder, file);
        if (folder == "blobs") File.Delete(Blob(Weights));
        File.Delete(path);
        using (var made = Process.Start("mkfifo", [path])) await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Contains($"{Path.GetFileName(path)}: found a named pipe", (await Refused()).Message);
    }

    [Fact]
    public void A_link_to_a_private_file_of_another_folder_is_removed_before_the_file_is_opened()
    {
        WriteNotes();
        Link(Home["one"], Notes);
        using (var file = OwnFile.OpenOrCreate(Home["one"], FileAccess.ReadWrite))
        {
            file.WriteByte(1);
            Assert.Throws<IOException>(() => OwnFile.OpenOrCreate(Home["one"], FileAccess.ReadWrite));
        }
        using (var again = OwnFile.OpenOrCreate(Home["one"], FileAccess.ReadWrite)) Assert.Equal(1, again.Length);
        AssertNotes();
    }

    private static void Link(string path, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.CreateSymbolicLink(path, target);
    }

    private static void HardLink(string path, string target)
    {
        using var made = Process.Start("ln", [target, path]);
        made.WaitForExit();
    }

    private void WriteNotes() => File.WriteAllText(Notes, Text);

    private void AssertNotes() => Assert.Equal(Text, File.ReadAllText(Notes));
}
