using System.Text.Json;

namespace SkTuning.Tests.Tool;

/// <summary>Presets on the command line: other options override them.</summary>
public sealed class TrainPresetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private ToolRun Train(string name, params string[] arguments)
        => ToolRun.Of(["train", "--train", Path.Combine(Fixtures.Repository, "assets", "data", "support", "train.tsv"), "--limit", "48",
            "--out", _folder[name], "--json", .. arguments]);

    private JsonElement Definition(string name) => JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder[name], "adapter.json"))).RootElement.Clone();

    [Fact]
    public void T_few_trains_with_its_own_settings_and_those_that_override_them()
    {
        var run = Train("a", "--preset", "t-few", "--template", "{text} The message is about", "--max-steps", "3", "--run", _folder["run"]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(3, JsonDocument.Parse(run.Output).RootElement.GetProperty("steps").GetInt32());
        var (adapter, training) = (Definition("a"),
            JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder["run"], "config.json"))).RootElement.GetProperty("training"));
        Assert.Equal(("likelihood", 1, "ia3"), (adapter.GetProperty("head").GetString(), adapter.GetProperty("languageModel").GetInt32(),
            adapter.GetProperty("tuning").GetProperty("method").GetString()));
        Assert.Equal(("Adafactor", 8, 3, 0.003), (training.GetProperty("optimizer").GetString(), training.GetProperty("batchSize").GetInt32(),
            training.GetProperty("maxSteps").GetInt32(), training.GetProperty("learningRate").GetDouble()));
        Assert.Equal(0, ToolRun.Of("predict", "--adapter", _folder["a"], "where is my parcel?").ExitCode);
    }

    [Fact]
    public void The_method_and_its_settings_and_the_optimizer_override_a_preset()
    {
        var run = Train("a", "--preset", "cp-tuning", "--set", "tokens=3", "--max-steps", "2", "--optimizer", "Sgd", "--run", _folder["run"]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("leaves out its masked-LM loss", run.Error);
        Assert.Equal(3, Definition("a").GetProperty("tuning").GetProperty("tokens").GetInt32());
        var config = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder["run"], "config.json"))).RootElement;
        Assert.Equal(("Sgd", "pair-circle"), (config.GetProperty("training").GetProperty("optimizer").GetString(),
            config.GetProperty("objective").GetProperty("name").GetString()));
        var other = Train("b", "--preset", "cp-tuning", "--method", "lora", "--objective", "cross-entropy", "--max-steps", "2");
        Assert.True(other.ExitCode == 0, other.Error);
        Assert.Equal(("lora", "prototypes"), (Definition("b").GetProperty("tuning").GetProperty("method").GetString(),
            Definition("b").GetProperty("head").GetString()));
    }

    [Fact]
    public void A_name_that_is_wrong_is_refused_before_anything_is_loaded()
    {
        var run = Train("a", "--preset", "t-fwe");
        Assert.Contains("There is no preset 't-fwe', expected t-few or cp-tuning. Did you mean 't-few'?", run.Error);
        Assert.Contains("'--preset' requires '--train'",
            ToolRun.Of("train", "--describe", "a=one", "--describe", "b=two", "--preset", "t-few", "--out", _folder["b"]).Error);
    }

    public void Dispose() => _folder.Dispose();
}
