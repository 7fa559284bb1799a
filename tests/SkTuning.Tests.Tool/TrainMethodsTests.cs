using System.Text.Json;

namespace SkTuning.Tests.Tool;

/// <summary>Methods, their settings and warm starts on the command line.</summary>
public sealed class TrainMethodsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static string Rows(string split) => Path.Combine(Fixtures.Repository, "assets", "data", "support", split + ".tsv");

    private ToolRun Train(string name, params string[] arguments)
        => ToolRun.Of(["train", "--train", Rows("train"), "--limit", "48", "--dev", Rows("dev"), "--prompt", "Classify the topic:",
            "--epochs", "1", "--max-steps", "2", "--out", _folder[name], "--json", .. arguments]);

    private JsonElement Trained(string name, params string[] arguments)
    {
        var run = Train(name, arguments);
        Assert.True(run.ExitCode == 0, run.Error);
        return JsonDocument.Parse(run.Output).RootElement.Clone();
    }

    private JsonElement Tuning(string name)
        => JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder[name], "adapter.json"))).RootElement.GetProperty("tuning").Clone();

    [Fact]
    public void Joined_methods_take_settings_of_their_parts_and_an_ablation_is_one_word()
    {
        Assert.Equal("sk-prefix+lora",
            Trained("a", "--method", "sk-prefix+lora", "--set", "lora.rank=2", "--set", "sk-prefix.promptWords=random").GetProperty("method").GetString());
        var parts = Tuning("a").GetProperty("parts");
        Assert.Equal(2, parts[1].GetProperty("rank").GetInt32());
        Assert.Equal("Random", parts[0].GetProperty("promptWords").GetString());
        Assert.Equal(0, ToolRun.Of("predict", "--adapter", _folder["a"], "where is my parcel?").ExitCode);
    }

    [Fact]
    public void A_name_that_cannot_be_used_is_refused_before_anything_is_loaded()
    {
        Assert.Contains("sk-prefix and prefix cannot be joined", Train("a", "--method", "sk-prefix+prefix").Error);
        Assert.Contains("no tuning method 'lara'", Train("a", "--method", "lara").Error);
        Assert.Contains("expected an adapter's folder", Train("a", "--task", "multi-label", "--start-from", "x").Error);
    }

    [Fact]
    public void A_prompt_is_distilled_from_the_rows_and_the_texts_of_a_file()
    {
        File.WriteAllText(_folder["texts.txt"], "where is my order?\n\nthe app does not start\n");
        string[] arguments = ["--method", "prefix", "--set", "tokens=2", "--set", "distillation=2", "--distill-texts", _folder["texts.txt"]];
        var distilled = Trained("a", arguments).GetProperty("distillation");
        Assert.Equal((50, 2, 2), (distilled.GetProperty("texts").GetInt32(), distilled.GetProperty("prefixTokens").GetInt32(),
            distilled.GetProperty("steps").GetInt32()));
        Assert.Contains("--distill-texts has texts, but nothing is distilled", Train("b", "--method", "lora", "--distill-texts", _folder["texts.txt"]).Error);
    }

    [Fact]
    public void A_random_base_is_another_base()
    {
        Trained("a", "--random-base", "7", "--method", "probe");
        Assert.Contains("a different base", ToolRun.Of("predict", "--adapter", _folder["a"], "text").Error);
        Assert.Equal(0, ToolRun.Of("predict", "--random-base", "7", "--adapter", _folder["a"], "text").ExitCode);
        Assert.Contains("random weights, seed 7", ToolRun.Of("info", "--model", Fixtures.Tiny, "--random-base", "7").Output);
    }

    [Fact]
    public void Training_continues_from_an_adapter_with_its_method()
    {
        Trained("a", "--method", "lora", "--set", "rank=2");
        Assert.Equal("lora", Trained("b", "--start-from", _folder["a"]).GetProperty("method").GetString());
        Assert.Contains("--method is", Train("c", "--start-from", _folder["a"], "--method", "ia3").Error);
    }

    public void Dispose() => _folder.Dispose();
}
