using SkTuning.Hub;

namespace SkTuning.Tests.Hub;

/// <summary>The environment variables of Hugging Face's own tools.</summary>
public sealed class HubSettingsTests
{
    private static string Profile => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    [Fact]
    public void The_defaults_are_the_public_hub_and_the_cache_in_the_home_folder()
    {
        var settings = Read();
        Assert.Equal(HubSettings.DefaultEndpoint, settings.Endpoint);
        Assert.Equal(Path.Combine(Profile, ".cache", "huggingface", "hub"), settings.Cache);
        Assert.False(settings.Offline);
    }

    [Fact]
    public void The_variables_for_the_cache_have_the_same_precedence_as_in_Python()
    {
        Assert.Equal(Path.Combine(Profile, "x", "huggingface", "hub"), Read(("XDG_CACHE_HOME", "~/x")).Cache);
        Assert.Equal(Path.GetFullPath("/a/hub"), Read(("XDG_CACHE_HOME", "/x"), ("HF_HOME", "/a")).Cache);
        Assert.Equal(Path.GetFullPath("/b"), Read(("HF_HOME", "/a"), ("HUGGINGFACE_HUB_CACHE", "/b")).Cache);
        Assert.Equal(Path.GetFullPath("/c"), Read(("HF_HOME", "/a"), ("HUGGINGFACE_HUB_CACHE", "/b"), ("HF_HUB_CACHE", "/c")).Cache);
        Assert.Equal(Path.GetFullPath("/a/hub"), Read(("HF_HOME", "/a"), ("HF_HUB_CACHE", " ")).Cache);
    }

    [Fact]
    public void The_token_comes_from_the_variable_or_else_from_the_file()
    {
        using var home = new TemporaryFolder();
        File.WriteAllText(home["token"], "hf_file\n");
        File.WriteAllText(home["elsewhere"], "hf_elsewhere");
        Assert.Equal("hf_file", Read(("HF_HOME", home.Path)).Token);
        Assert.Equal("hf_elsewhere", Read(("HF_HOME", home.Path), ("HF_TOKEN_PATH", home["elsewhere"])).Token);
        Assert.Equal("hf_variable", Read(("HF_HOME", home.Path), ("HF_TOKEN", " hf_variable\n")).Token);
        Assert.Null(Read(("HF_HOME", home["none"])).Token);
    }

    [Fact]
    public void An_invalid_token_is_refused_and_not_shown()
    {
        var e = Assert.ThrowsAny<SkTuningException>(() => Read(("HF_TOKEN", "hf_a\nEvil: header")));
        Assert.Contains("HF_TOKEN", e.Message);
        Assert.DoesNotContain("hf_a", e.Message);
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("true", true)]
    [InlineData("YES", true)]
    [InlineData("on", true)]
    [InlineData("0", false)]
    [InlineData("false", false)]
    [InlineData("", false)]
    public void Offline_accepts_the_values_that_Python_accepts(string value, bool offline)
        => Assert.Equal(offline, Read(("HF_HUB_OFFLINE", value)).Offline);

    [Theory]
    [InlineData("https://hub.example.org/", "https://hub.example.org")]
    [InlineData("http://127.0.0.1:8080/mirror/", "http://127.0.0.1:8080/mirror")]
    public void An_endpoint_may_have_a_path_and_loses_its_trailing_slash(string given, string endpoint)
        => Assert.Equal(endpoint, Read(("HF_ENDPOINT", given)).Endpoint);

    [Theory]
    [InlineData("hub.example.org")]
    [InlineData("ftp://hub.example.org")]
    [InlineData("https://name:password@hub.example.org")]
    [InlineData("https://hub.example.org/?a=b")]
    public void An_invalid_endpoint_is_refused_and_not_shown(string given)
    {
        var e = Assert.ThrowsAny<SkTuningException>(() => Read(("HF_ENDPOINT", given)));
        Assert.Contains("HF_ENDPOINT", e.Message);
        Assert.DoesNotContain("password@", e.Message);
    }

    private static HubSettings Read(params (string Name, string Value)[] variables)
        => HubSettings.FromEnvironment(name => name == "HF_TOKEN_PATH" && variables.All(v => v.Name is not ("HF_TOKEN_PATH" or "HF_HOME"))
            ? "/nowhere" : variables.FirstOrDefault(v => v.Name == name).Value);
}
