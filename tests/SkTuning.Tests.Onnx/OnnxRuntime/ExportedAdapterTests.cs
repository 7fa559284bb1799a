using System.Text.Json.Nodes;
using SkTuning.Exports;

namespace SkTuning.Tests.OnnxRuntime;

/// <summary>The description of an exported adapter, and what is refused.</summary>
public sealed class ExportedAdapterTests(Exports exports) : IClassFixture<Exports>
{
    public static TheoryData<string> Keys() =>
    [
        "version", "library", "task", "labels", "settings", "template", "maxTokens", "truncation", "maxWindows", "pairs", "causal", "startsText", "withTypes",
        "answersAtMask", "vocabulary", "seed", "base", "base.family", "base.traits", "base.weights", "base.tokenizer", "method", "prompt", "precision",
    ];

    [Theory, MemberData(nameof(OnnxAdapterTests.Kinds), MemberType = typeof(OnnxAdapterTests))]
    public void A_description_is_read_as_it_was_written(string kind)
    {
        var written = AdapterExport.Of(exports.Of(kind).Adapter, "int8");
        var read = ExportedAdapter.Parse(written.ToJson(), "file");
        Assert.Equal(written.ToJson(), read.ToJson());
        Assert.Equal(Keys().Select(k => k.Data).Where(k => !k.Contains('.')).Order(), JsonNode.Parse(written.ToJson())!.AsObject().Select(p => p.Key).Order());
    }

    [Theory, MemberData(nameof(Keys))]
    public void A_missing_or_wrong_key_is_named(string key)
    {
        var (owner, name) = key.Split('.') is [var outer, var inner] ? (outer, inner) : (null, key);
        Action<JsonObject>[] damages = [j => j.Remove(name), j => j[name] = new JsonArray(new JsonObject()), j => j[name] = null, j => j[name] = -1];
        foreach (var damage in damages)
        {
            var json = Valid();
            damage(owner is null ? json : json[owner]!.AsObject());
            AssertRefused(json, key);
        }
    }

    [Theory]
    [InlineData("version", "2", "Use the SkTuning version that wrote it")]
    [InlineData("task", "\"poetry\"", "one of single-label, ordinal, multi-label, regression, tokens")]
    [InlineData("labels", "[\"a\"]", "2 or more different labels")]
    [InlineData("labels", "[\"a\", \"a\"]", "2 or more different labels")]
    [InlineData("labels", "[\"a\", \" \"]", "with a visible character")]
    [InlineData("template", "\"no slot\"", "a row template")]
    [InlineData("maxTokens", "0", "a whole number, 1 or more")]
    [InlineData("maxTokens", "1.5", "a whole number, 1 or more")]
    [InlineData("maxWindows", "2", "a whole number from 1 to 1")]
    [InlineData("truncation", "\"Start\"", "one of End, Middle, Windows")]
    [InlineData("answersAtMask", "true", "a template with {mask}")]
    [InlineData("precision", "\"fp8\"", "one of fp32, fp16, int8")]
    [InlineData("more", "1", "one of")]
    public void A_value_out_of_its_range_is_refused(string key, string value, string expected)
    {
        var json = Valid();
        json[key] = JsonNode.Parse(value);
        Assert.Contains(expected, AssertRefused(json, key == "answersAtMask" ? "template" : key));
    }

    [Theory]
    [InlineData("single-label", "temperature", "0")]
    [InlineData("single-label", "sureFrom", "\"0.5\"")]
    [InlineData("single-label", "setCoverage", "1")]
    [InlineData("single-label", "mean", "1")]
    [InlineData("mahalanobis", "rejection", "{}")]
    [InlineData("multi-label", "thresholds", "[0.5]")]
    [InlineData("regression", "deviation", "0")]
    [InlineData("regression", "mean", "null")]
    [InlineData("ordinal", "temperature", "-1")]
    [InlineData("tokens", "temperature", "1")]
    public void A_wrong_setting_of_a_task_is_refused_by_name(string kind, string key, string value)
    {
        var adapter = AdapterExport.Of(exports.Of(kind).Adapter, "fp32");
        adapter.Settings[key] = JsonNode.Parse(value);
        var task = new ExportedTask(ExportedAdapter.Parse(adapter.ToJson(), "file"), "file");
        var e = Assert.Throws<SkTuningFileException>(() => kind switch
        {
            "multi-label" => (object)task.Thresholds(),
            "regression" => task.Regression(),
            "ordinal" => task.Ordinal(),
            "tokens" => task.Tokens(),
            _ => task.Decision("tensors"),
        });
        Assert.StartsWith("file: '", e.Message);
        Assert.Contains(key, e.Message);
    }

    [Theory]
    [InlineData("model.onnx", "model.onnx")]
    [InlineData("tokenizer.json", "there is no tokenizer")]
    [InlineData("adapter.safetensors", "sktuning.checksum")]
    public void A_missing_file_is_named(string name, string expected)
    {
        using var folder = new TemporaryFolder();
        Exports.Copy(exports.Of("mahalanobis").Folder, folder["a"]);
        File.Delete(Path.Combine(folder["a"], name));
        Assert.Contains(expected, Assert.ThrowsAny<SkTuningException>(() => OnnxAdapter.Load(folder["a"]).Dispose()).Message);
    }

    [Theory]
    [InlineData("model.onnx", 100)]
    [InlineData("model.onnx", -200)]
    [InlineData("model.onnx", -1)]
    [InlineData("adapter.safetensors", -1)]
    public void A_changed_byte_is_refused_before_ONNX_Runtime_reads_it(string name, int at)
    {
        using var folder = new TemporaryFolder();
        Exports.Copy(exports.Of("mahalanobis").Folder, folder["a"]);
        var file = Path.Combine(folder["a"], name);
        var bytes = File.ReadAllBytes(file);
        bytes[at < 0 ? bytes.Length + at : at] ^= 1;
        File.WriteAllBytes(file, bytes);
        Assert.Contains("'sktuning.checksum' is not that of model.onnx, adapter.safetensors",
            Assert.Throws<SkTuningFileException>(() => OnnxAdapter.Load(folder["a"]).Dispose()).Message);
    }

    [Fact]
    public void Another_tokenizer_is_refused()
    {
        using var folder = new TemporaryFolder();
        Exports.Copy(exports.Of("single-label").Folder, folder["a"]);
        File.Copy(Path.Combine(Fixtures.Tiny, "tokenizer.json"), Path.Combine(folder["a"], "tokenizer.json"), overwrite: true);
        Assert.Contains("'tokenizer' is another tokenizer", Assert.Throws<SkTuningFileException>(() => OnnxAdapter.Load(folder["a"]).Dispose()).Message);
    }

    [Fact]
    public void A_folder_that_is_no_export_is_refused()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("model.onnx", Assert.ThrowsAny<SkTuningException>(() => OnnxAdapter.Load(folder.Path)).Message);
        Assert.Contains("none: does not exist, expected", Assert.ThrowsAny<SkTuningException>(() => OnnxAdapter.Load(folder["none"])).Message);
        File.WriteAllText(folder["model.onnx"], new string('x', 1000));
        Assert.Contains("'sktuning.checksum' is missing", Assert.ThrowsAny<SkTuningException>(() => OnnxAdapter.Load(folder.Path)).Message);
        Assert.Contains("a file of another program", Assert.ThrowsAny<SkTuningException>(()
            => SkTuning.Onnx.OnnxExport.Write(exports.Of("single-label").Adapter, folder.Path)).Message);
    }

    [Fact]
    public void An_export_replaces_another_one_completely()
    {
        using var folder = new TemporaryFolder();
        SkTuning.Onnx.OnnxExport.Write(exports.Of("neighbors").Adapter, folder["a"]);
        Assert.True(File.Exists(Path.Combine(folder["a"], "adapter.safetensors")));
        SkTuning.Onnx.OnnxExport.Write(exports.Of("single-label").Adapter, folder["a"]);
        Assert.False(File.Exists(Path.Combine(folder["a"], "adapter.safetensors")));
        using var loaded = OnnxClassifier.Load(folder["a"]);
        Assert.Null(loaded.Decision.Rejection);
    }

    private JsonObject Valid() => JsonNode.Parse(AdapterExport.Of(exports.Of("single-label").Adapter, "fp32").ToJson())!.AsObject();

    private static string AssertRefused(JsonObject json, string key)
    {
        var e = Assert.Throws<SkTuningFileException>(() => ExportedAdapter.Parse(json.ToJsonString(), "file"));
        Assert.StartsWith($"file: '{key}' is ", e.Message);
        return e.Message;
    }
}
