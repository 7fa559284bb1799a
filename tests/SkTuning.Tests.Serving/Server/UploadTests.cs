using System.Net;
using System.Text;

namespace SkTuning.Tests.Server;

[Collection(MicroAdapters.Collection)]
public sealed class UploadTests(MicroAdapters adapters)
{
    private const string Text = """{"adapter":"new","text":"my card"}""";

    [Fact]
    public async Task A_zip_file_with_the_files_in_a_folder_and_others_beside_them_is_an_adapter()
    {
        await using var server = await RunningServer.StartAsync(adapters);
        var zip = MicroAdapters.Zipped(("words/README.md", [1]), ("words/adapter.json", adapters.File("words", "adapter.json")),
            ("words/adapter.safetensors", adapters.File("words", "adapter.safetensors")));
        await server.UploadAsync("/v1/adapters/new", zip);
        await server.PostAsync("/v1/classify", Text);
        Assert.Equal(["adapter.json", "adapter.safetensors"],
            Directory.GetFileSystemEntries(Path.Combine(server.Folder, "new", "1")).Select(f => Path.GetFileName(f)).Order());
    }

    [Fact]
    public async Task The_two_files_of_a_form_are_an_adapter()
    {
        await using var server = await RunningServer.StartAsync(adapters);
        await server.SendAsync(HttpMethod.Post, "/v1/adapters/new", Form("adapter.json", "adapter.safetensors"), HttpStatusCode.Created);
        await server.PostAsync("/v1/classify", Text);
    }

    [Theory]
    [InlineData("adapter.json", "../../adapter.safetensors")]
    [InlineData("adapter.json", "/tmp/adapter.safetensors")]
    [InlineData("adapter.json", "adapter.json")]
    [InlineData("adapter.json", null)]
    public async Task A_form_with_other_files_is_refused(string first, string? second)
    {
        await using var server = await RunningServer.StartAsync(adapters);
        await server.SendAsync(HttpMethod.Post, "/v1/adapters/new", Form(first, second), HttpStatusCode.BadRequest);
        Assert.Empty(Directory.GetFileSystemEntries(server.Folder));
    }

    [Fact]
    public async Task An_adapter_of_another_base_is_refused_with_the_reason_and_leaves_nothing()
    {
        await using var server = await RunningServer.StartAsync(adapters, "words");
        var before = server.Files();
        foreach (var name in (string[])["words", "new"])
        {
            var problem = await server.UploadAsync($"/v1/adapters/{name}", adapters.Zip("foreign"), HttpStatusCode.UnprocessableEntity);
            Assert.Contains("trained on a different base", (string)problem["detail"]!, StringComparison.Ordinal);
            Assert.DoesNotContain(server.Around, problem.ToJsonString(), StringComparison.Ordinal);
        }
        Assert.Equal(before, server.Files());
        Assert.Equal(1, (int)(await server.GetAsync("/v1/adapters/words"))["version"]!);
    }

    [Theory]
    [InlineData("../adapter.json")]
    [InlineData("../../../evil")]
    [InlineData("/etc/evil")]
    [InlineData("a/../../evil")]
    [InlineData("..\\evil")]
    [InlineData("C:evil")]
    public async Task A_name_in_a_zip_file_that_leads_out_of_it_is_refused(string name)
    {
        await using var server = await RunningServer.StartAsync(adapters);
        var zip = MicroAdapters.Zipped((name, [1]), ("adapter.json", adapters.File("words", "adapter.json")),
            ("adapter.safetensors", adapters.File("words", "adapter.safetensors")));
        await server.UploadAsync("/v1/adapters/new", zip, HttpStatusCode.BadRequest);
        Assert.Equal([server.Folder], server.Files());
    }

    [Fact]
    public async Task A_zip_bomb_is_refused_before_it_is_expanded()
    {
        await using var server = await RunningServer.StartAsync(adapters, o => o with { MaxAdapterBytes = 1 << 20 });
        // 64 MB of zeros in 64 KB, once with its real size and once with a claimed one.
        var bomb = MicroAdapters.Zipped(("adapter.json", "{}"u8.ToArray()), ("adapter.safetensors", new byte[64 << 20]));
        Assert.InRange(bomb.Length, 1, 1 << 20);
        await server.UploadAsync("/v1/adapters/new", bomb, HttpStatusCode.RequestEntityTooLarge);
        var directory = bomb.AsSpan().LastIndexOf("PK\u0001\u0002"u8);
        BitConverter.TryWriteBytes(bomb.AsSpan(directory + 24), 100);
        await server.UploadAsync("/v1/adapters/new", bomb, HttpStatusCode.UnprocessableEntity);
        Assert.Equal([server.Folder], server.Files());
    }

    [Fact]
    public async Task A_zip_file_of_many_entries_is_refused_before_they_are_read()
    {
        await using var server = await RunningServer.StartAsync(adapters);
        var zip = MicroAdapters.Zipped([.. Enumerable.Range(0, 100).Select(i => ($"{i}", new byte[1]))]);
        await server.UploadAsync("/v1/adapters/new", zip, HttpStatusCode.BadRequest);
        // The end record claims one entry; the directory has all of them.
        BitConverter.TryWriteBytes(zip.AsSpan(zip.Length - 12), (ushort)1);
        await server.UploadAsync("/v1/adapters/new", zip, HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(-1)]
    [InlineData(5 << 20)]
    public async Task A_header_of_tensors_that_claims_a_large_size_is_refused(long header)
    {
        await using var server = await RunningServer.StartAsync(adapters);
        var tensors = new byte[6 << 20];
        BitConverter.TryWriteBytes(tensors, header);
        var zip = MicroAdapters.Zipped(("adapter.json", adapters.File("words", "adapter.json")), ("adapter.safetensors", tensors));
        await server.UploadAsync("/v1/adapters/new", zip, HttpStatusCode.UnprocessableEntity);
        Assert.Equal([server.Folder], server.Files());
    }

    [Fact]
    public async Task A_definition_that_was_edited_is_refused()
    {
        await using var server = await RunningServer.StartAsync(adapters);
        var edited = Encoding.UTF8.GetString(adapters.File("words", "adapter.json")).Replace("is it my box", "is it my card", StringComparison.Ordinal);
        var zip = MicroAdapters.Zipped(
            ("adapter.json", Encoding.UTF8.GetBytes(edited)), ("adapter.safetensors", adapters.File("words", "adapter.safetensors")));
        var problem = await server.UploadAsync("/v1/adapters/new", zip, HttpStatusCode.UnprocessableEntity);
        Assert.Contains("prompt", (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upload_that_is_too_large_is_refused()
    {
        await using var server = await RunningServer.StartAsync(adapters, o => o with { MaxAdapterBytes = 1_000 });
        await server.UploadAsync("/v1/adapters/new", new byte[2_000], HttpStatusCode.RequestEntityTooLarge);
        await server.SendAsync(HttpMethod.Post, "/v1/adapters/new", Form("adapter.json", "adapter.safetensors"), HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task There_are_no_more_names_and_versions_than_the_options_say()
    {
        await using var server = await RunningServer.StartAsync(adapters, o => o with { MaxAdapters = 2, MaxVersions = 2 }, "words");
        await server.UploadAsync("/v1/adapters/words", adapters.Zip("tuned"));
        await server.UploadAsync("/v1/adapters/words", adapters.Zip("tuned"), HttpStatusCode.Conflict);
        await server.UploadAsync("/v1/adapters/new", adapters.Zip("tuned"));
        await server.UploadAsync("/v1/adapters/more", adapters.Zip("tuned"), HttpStatusCode.Conflict);
        Assert.Equal(["new", "words"], Directory.GetDirectories(server.Folder).Select(d => Path.GetFileName(d)).Order());
    }

    private MultipartFormDataContent Form(string first, string? second)
    {
        var form = new MultipartFormDataContent { { new ByteArrayContent(adapters.File("words", "adapter.json")), "file", first } };
        if (second is not null) form.Add(new ByteArrayContent(adapters.File("words", "adapter.safetensors")), "file", second);
        return form;
    }
}
