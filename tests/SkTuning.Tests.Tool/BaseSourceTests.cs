using System.Text.Json.Nodes;
using SkTuning.Adapters;
using SkTuning.Tool.Commands;

namespace SkTuning.Tests.Tool;

/// <summary>What an adapter remembers of its base, and what it does not.</summary>
public sealed class BaseSourceTests : IDisposable
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_base_is_found_again_beside_the_adapter_also_after_both_were_moved()
    {
        var model = MicroModel("work/models/micro");
        Train(model, _folder["work/adapters/words"]);
        var stored = Stored("work/adapters/words");
        Assert.Equal("../../models/micro", (string?)stored!["path"]);
        Assert.Single(stored.AsObject());
        Assert.Equal(model, RememberedBase.Of(_folder["work/adapters/words"])!.Path);
        Assert.Equal(model, RememberedBase.OfAll(_folder["work/adapters"])!.Path);

        Directory.Move(_folder["work"], _folder["elsewhere"]);
        Assert.Equal(_folder["elsewhere/models/micro"], RememberedBase.Of(_folder["elsewhere/adapters/words"])!.Path);

        Directory.Move(_folder["elsewhere/models"], _folder["gone"]);
        foreach (var search in (Func<object?>[])[() => RememberedBase.Of(_folder["elsewhere/adapters/words"]),
            () => RememberedBase.OfAll(_folder["elsewhere/adapters"])])
        {
            var e = Assert.Throws<SkTuningException>(search);
            Assert.Contains(_folder["elsewhere/models/micro"], e.Message);
            Assert.Contains("--model", e.Message);
        }
    }

    [Fact]
    public void Another_model_in_the_place_of_the_base_is_refused_by_its_fingerprint()
    {
        var model = MicroModel("model");
        Train(model, _folder["a"]);
        Directory.Delete(model, recursive: true);
        Copy(Fixtures.Tiny, model);
        using var other = FrozenModel.Load(RememberedBase.Of(_folder["a"])!.Path);
        Assert.Contains("trained on a different base", Assert.ThrowsAny<SkTuningException>(() => TextClassifier.Load(_folder["a"], other)).Message);
    }

    [Fact]
    public void A_model_of_the_hub_is_remembered_by_name_and_commit_and_not_by_its_path()
    {
        var snapshot = MicroModel($"cache/models--acme--tiny/snapshots/{Commit}");
        Train(snapshot, _folder["a"]);
        Assert.Equal($$"""{"hub":"acme/tiny","revision":"{{Commit}}"}""", Stored("a")!.ToJsonString());

        // Saved again with a copy of the model, the adapter still knows the name.
        var copy = MicroModel("copy");
        using (var model = FrozenModel.Load(copy))
        using (var adapter = TextClassifier.Load(_folder["a"], model)) adapter.Save(_folder["b"]);
        Assert.Equal($$"""{"hub":"acme/tiny","revision":"{{Commit}}","path":"../copy"}""", Stored("b")!.ToJsonString());
    }

    [Fact]
    public void Nothing_is_remembered_of_a_model_that_belongs_to_the_program_or_has_random_weights()
    {
        using (var tiny = TinyModel.Load()) Assert.Null(BaseSource.Of(tiny)!.In(_folder["a"]));
        using var random = FrozenModel.Load(Fixtures.MicroModel, new() { RandomWeights = 1 });
        Assert.Null(BaseSource.Of(random));
    }

    [Theory]
    [InlineData("/home/ann/adapters/a", "/home/ann/models/m", "../../models/m")]
    [InlineData("/home/ann/m/a", "/home/ann/m", "..")]
    [InlineData("/home/ann/a", "/srv/models/m", null)]
    [InlineData("/a", "/m", null)]
    [InlineData("/home/ann/a", "/home/ann/new\nline", null)]
    public void A_path_is_stored_if_it_has_a_folder_in_common_with_the_adapter(string adapter, string model, string? expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Paths of Unix.");
        Assert.Equal(expected, new BaseSource { Path = model }.In(adapter)?.Path);
    }

    [Theory]
    [InlineData("""{ "path": "/etc" }""", "baseSource.path")]
    [InlineData("""{ "path": "\\\\server\\share" }""", "baseSource.path")]
    [InlineData("""{ "path": "C:/models" }""", "baseSource.path")]
    [InlineData("""{ "hub": "../../etc" }""", "baseSource")]
    [InlineData("""{ "hub": "acme/tiny", "revision": "../main" }""", "baseSource")]
    [InlineData("""{ "hub": "acme/tiny", "file": "../../model.gguf" }""", "baseSource")]
    public void A_place_that_this_library_never_writes_is_refused(string source, string key)
    {
        Train(MicroModel("model"), _folder["a"]);
        var file = Path.Combine(_folder["a"], "adapter.json");
        var json = JsonNode.Parse(File.ReadAllText(file))!;
        json["baseSource"] = JsonNode.Parse(source);
        File.WriteAllText(file, json.ToJsonString());
        Assert.Equal(key, Assert.Throws<SkTuningFileException>(() => RememberedBase.Of(_folder["a"])).Key);
    }

    [Fact]
    public void Adapters_of_different_bases_are_not_served_without_a_model()
    {
        Train(MicroModel("one"), _folder["adapters/a/1"]);
        Train(MicroModel("two"), _folder["adapters/b"]);
        Directory.CreateDirectory(_folder["adapters/empty"]);
        var e = Assert.Throws<SkTuningException>(() => RememberedBase.OfAll(_folder["adapters"]));
        Assert.Contains(_folder["one"], e.Message);
        Assert.Contains("--model", e.Message);
        Assert.Null(RememberedBase.OfAll(_folder["none"]));
    }

    private JsonNode? Stored(string adapter) => JsonNode.Parse(File.ReadAllText(Path.Combine(_folder[adapter], "adapter.json")))!["baseSource"];

    private string MicroModel(string name)
    {
        Copy(Fixtures.MicroModel, _folder[name]);
        return _folder[name];
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    private static void Train(string path, string adapter)
    {
        using var model = FrozenModel.Load(path, new() { Device = "cpu" });
        Row[] rows = [.. new[] { "parcel", "card", "bill" }.SelectMany(w => new[] { "", " please" }.Select(e => new Row($"my {w}{e}", w)))];
        using var trained = TextClassifier.Train(model, rows, new() { Method = new ProbeOptions(), Dev = rows });
        trained.Save(adapter);
    }
}
