using System.Text.Json.Nodes;
using SkTuning.Hub;

namespace SkTuning.Tests.Hub;

/// <summary>Refusals by the hub, and answers of a hub that are refused.</summary>
public sealed class HubRefusalTests : HubTest
{
    private const string Secret = "hf_0123456789";

    [Fact]
    public async Task The_token_is_sent_to_the_hub_and_to_no_other_address()
    {
        await Get(Site.Settings(Home.Path, token: Secret));
        Assert.All(Site.Hub.Requests, r => Assert.Equal("Bearer " + Secret, r.Authorization));
        Assert.NotEmpty(Site.Store.Requests);
        Assert.All(Site.Store.Requests, r => Assert.Null(r.Authorization));
    }

    [Fact]
    public async Task A_renamed_model_is_followed_within_the_hub_with_the_token()
    {
        Site.BeforeHub = r => r.Path.Contains("/old/") || r.Path.StartsWith("/old", StringComparison.Ordinal)
            ? new(307) { Headers = { ["Location"] = r.Path.Replace("old/name", HubSite.Name) } } : r.Authorization is null ? new(401) : null;
        var folder = await Get(Site.Settings(Home.Path, token: Secret), name: "old/name");
        Assert.Equal(Path.Combine(Home["hub"], "models--old--name", "snapshots", HubSite.Commit), folder);
    }

    [Fact]
    public async Task Redirects_without_end_and_to_other_schemes_are_refused()
    {
        Site.BeforeHub = r => new(302) { Headers = { ["Location"] = r.Path } };
        Assert.Contains("more than 10 redirects", (await Refused()).Message);
        Site.BeforeHub = _ => new(302) { Headers = { ["Location"] = "file:///etc/passwd" } };
        Assert.Contains("a redirect without a usable address", (await Refused()).Message);
        Site.BeforeHub = _ => new(302);
        Assert.Contains("a redirect without a usable address", (await Refused()).Message);
    }

    [Fact]
    public void A_redirect_from_https_to_http_is_not_followed()
    {
        Assert.Equal("https://b.example/x", HubHttp.Next(new("https://a.example/y"), To("https://b.example/x"), 0).ToString());
        Assert.Equal("https://a.example/x", HubHttp.Next(new("https://a.example/y"), To("/x"), 0).ToString());
        var e = Assert.ThrowsAny<SkTuningException>(() => HubHttp.Next(new("https://a.example/y"), To("http://a.example/x"), 0));
        Assert.Contains("from https to http", e.Message);

        static HttpResponseMessage To(string location)
            => new(System.Net.HttpStatusCode.Found) { Headers = { Location = new(location, UriKind.RelativeOrAbsolute) } };
    }

    [Theory]
    [InlineData(401, null, "HF_TOKEN")]
    [InlineData(401, Secret, "does not accept the token")]
    [InlineData(403, null, "accept its conditions")]
    [InlineData(403, Secret, "may not read the model")]
    [InlineData(404, null, "no such model or revision")]
    [InlineData(418, null, "HF_ENDPOINT")]
    public async Task A_refusal_by_the_hub_is_one_line_that_says_what_to_do(int status, string? token, string message)
    {
        Site.BeforeHub = _ => new(status) { Headers = { ["X-Error-Message"] = "words of the hub." } };
        var e = await Refused(Site.Settings(Home.Path, token));
        Assert.Contains($"acme/tiny (main): {status} ", e.Message);
        Assert.Contains(message, e.Message);
        Assert.Contains("(words of the hub)", e.Message);
        Assert.DoesNotContain(Secret, e.Message);
        Assert.Single(Site.Hub.Requests); // no retry
    }

    [Fact]
    public async Task A_gated_model_lists_its_files_and_refuses_them()
    {
        Site.BeforeHub = r => r.Path.Contains("/resolve/") ? new(401) { Headers = { ["X-Error-Code"] = "GatedRepo" } } : null;
        var e = await Refused();
        Assert.Contains("acme/tiny (main) config.json: 401", e.Message);
        Assert.Contains("HF_TOKEN", e.Message);
    }

    [Fact]
    public async Task A_missing_revision_model_and_file_have_different_messages()
    {
        Assert.Contains("no revision 'nope'", (await Refused(revision: "nope")).Message);
        Assert.Contains("no such model", (await Refused(name: "acme/other")).Message);
        Site.BeforeHub = r => r.Path.EndsWith("config.json", StringComparison.Ordinal) ? new(404) : null;
        Assert.Contains("lists the file but does not have it", (await Refused()).Message);
    }

    [Fact]
    public async Task A_store_that_refuses_is_named_without_the_signature_of_its_address()
    {
        Site.AfterStore = (_, _) => new(403);
        var e = await Refused();
        Assert.Contains("the store of the hub's files", e.Message);
        Assert.DoesNotContain("signature", e.ToString());
    }

    [Fact]
    public async Task Too_many_requests_at_every_try_end_with_advice()
    {
        Site.BeforeHub = _ => new(429);
        var e = await Refused();
        Assert.Contains("429", e.Message);
        Assert.Contains("set HF_TOKEN", e.Message);
        Assert.Equal(5, Site.Hub.Requests.Count);
    }

    [Fact]
    public async Task A_wait_that_is_too_long_is_reported_instead()
    {
        Site.BeforeHub = _ => new(429) { Headers = { ["Retry-After"] = "3600" } };
        Assert.Contains("Try again in 3600 s", (await Refused()).Message);
        Assert.Single(Site.Hub.Requests);
    }

    [Fact]
    public async Task A_hub_that_cannot_be_reached_is_named()
    {
        Site.Dispose();
        var e = await Refused();
        Assert.Contains("127.0.0.1 cannot be reached", e.Message);
        Assert.Contains("HF_ENDPOINT", e.Message);
    }

    [Theory]
    [InlineData("../../evil")]
    [InlineData("/etc/passwd")]
    [InlineData("a/../../b")]
    [InlineData("a//b")]
    [InlineData("./a")]
    [InlineData("..\\evil")]
    [InlineData("a\nb")]
    [InlineData("")]
    public async Task A_file_name_that_leaves_the_folder_is_refused(string name)
    {
        Site.BeforeHub = r => r.Path.StartsWith("/api/", StringComparison.Ordinal) ? Listing(HubSite.Commit, "config.json", name) : null;
        Assert.Contains("leaves the model's folder", (await Refused()).Message);
        Assert.False(Directory.Exists(Home["hub"]));
    }

    [Theory]
    [InlineData("../evil.safetensors")]
    [InlineData("sub/part.safetensors")]
    [InlineData("run.sh")]
    [InlineData("model.safetensors.index.json")]
    [InlineData(7)]
    public async Task An_index_that_names_anything_but_plain_shards_is_refused(object name)
    {
        Site.Dispose();
        var index = new JsonObject { ["weight_map"] = new JsonObject { ["w"] = JsonValue.Create(name) } }.ToJsonString();
        Site = new(
            ("config.json", "{}"u8.ToArray()), ("tokenizer.json", "{}"u8.ToArray()),
            ("model.safetensors.index.json", System.Text.Encoding.UTF8.GetBytes(index)), ("run.sh", [1]));
        Assert.Contains("model.safetensors.index.json", (await Refused()).Message);
        Assert.False(File.Exists(Path.Combine(Model, "snapshots", "evil.safetensors")));
    }

    [Theory]
    [InlineData("{\"sha\": \"../../evil\", \"siblings\": []}", "'sha'")]
    [InlineData("{\"sha\": 7, \"siblings\": []}", "'sha'")]
    [InlineData("{\"sha\": \"" + HubSite.Commit + "\"}", "'siblings'")]
    [InlineData("{\"sha\": \"" + HubSite.Commit + "\", \"siblings\": [1]}", "'siblings'")]
    [InlineData("[]", "'sha'")]
    [InlineData("<html>welcome", "not JSON")]
    [InlineData("", "not JSON")]
    public async Task An_answer_that_is_not_a_list_of_files_is_refused(string answer, string message)
    {
        Site.BeforeHub = _ => new(200, answer);
        Assert.Contains(message, (await Refused()).Message);
    }

    [Theory]
    [InlineData("../../evil")]
    [InlineData("5f3e-abc")]
    [InlineData("")]
    public async Task An_ETag_that_is_not_a_checksum_is_refused(string etag)
    {
        Site.BeforeHub = r => r.Method == "HEAD" ? new(200) { Headers = { ["ETag"] = $"\"{etag}\"" } } : null;
        Assert.Contains("expected a sha256 or a git sha1", (await Refused()).Message);
    }

    [Fact]
    public async Task A_commit_other_than_the_requested_one_is_refused()
    {
        var other = new string('f', 40);
        Site.BeforeHub = r => r.Method == "HEAD" ? new(200) { Headers = { ["ETag"] = $"\"{other}\"", ["X-Repo-Commit"] = other } } : null;
        Assert.Contains("X-Repo-Commit", (await Refused()).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../x")]
    [InlineData("a/b/c")]
    [InlineData("a--b/c")]
    [InlineData("/abs")]
    [InlineData("a/b.git")]
    [InlineData("a b")]
    [InlineData("a/b\n")]
    public async Task An_invalid_model_name_is_refused_before_anything_is_sent(string name)
    {
        Assert.Contains("is not the name of a model", (await Refused(name: name)).Message);
        Assert.Empty(Site.Hub.Requests);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../x")]
    [InlineData("/main")]
    [InlineData("a//b")]
    [InlineData(".hidden")]
    [InlineData("a\\b")]
    [InlineData("a b")]
    [InlineData("main\n")]
    public async Task An_invalid_revision_is_refused_before_anything_is_sent(string revision)
    {
        Assert.Contains("is not a revision", (await Refused(revision: revision)).Message);
        Assert.Empty(Site.Hub.Requests);
    }

    private static Answer Listing(string commit, params string[] files)
    {
        var siblings = new JsonArray([.. files.Select(f => new JsonObject { ["rfilename"] = f })]);
        return new(200, new JsonObject { ["sha"] = commit, ["siblings"] = siblings }.ToJsonString());
    }
}
