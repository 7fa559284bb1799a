using SkTuning.Compare;

namespace SkTuning.Tests.Compare;

/// <summary>Presets and objectives in plans.</summary>
public sealed class PresetPlanTests
{
    private static ComparisonPlan Read(string methods)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["p.json"], $$"""
            { "model": "m", "seeds": [1], "dataSets": [{ "name": "d", "prompt": "Classify:", "train": "train.tsv", "test": "test.tsv" }],
              "methods": [{{methods}}] }
            """);
        return ComparisonPlan.Load(folder["p.json"]);
    }

    [Fact]
    public void A_preset_has_its_method_and_rate_and_other_keys_override_them()
    {
        var plan = Read("""
            { "preset": "t-few", "maxSteps": 100 },
            { "preset": "t-few", "name": "only LN", "head": { "head": "likelihood", "unlikelihood": 0 }, "rates": [1e-3, 2e-3, 3e-3] },
            { "preset": "cp-tuning", "method": "lora", "name": "lora", "settings": { "rank": 2 }, "template": "A: {text}",
              "objective": { "name": "contrastive", "weight": 0.5 } },
            { "preset": "cp-tuning", "settings": { "tokens": 4 }, "objective": "cross-entropy" }
            """);
        Assert.Equal(["t-few", "only LN", "lora", "cp-tuning"], plan.Methods.Select(m => m.Title));
        Assert.Equal(["ia3", "ia3", "lora", "prompt"], plan.Methods.Select(m => m.Kind));
        Assert.Equal([1e-3, 3e-3, 9e-3], plan.Methods[0].RatesTried);
        Assert.Equal(new ContrastiveObjectiveOptions { Weight = 0.5 }, plan.Methods[2].Objective);
        Assert.Equal(4, Assert.IsType<PromptTuningOptions>(MethodTraits.Options(plan.Methods[3])).Tokens);
        Assert.IsType<CrossEntropyObjectiveOptions>(plan.Methods[3].Objective);
    }

    [Theory]
    [InlineData("""{ "preset": "tfew" }""", "preset' is \"tfew\", expected one of t-few, cp-tuning")]
    [InlineData("""{ "name": "x" }""", "'methods[0].method' is missing, expected a method, or a preset")]
    [InlineData("""{ "method": "tfidf", "preset": "t-few" }""", "no value because tfidf has none")]
    [InlineData("""{ "method": "tfidf", "objective": "contrastive" }""", "no value because tfidf has none")]
    [InlineData("""{ "method": "lora", "objective": "contrast" }""", "one of cross-entropy, contrastive")]
    [InlineData("""{ "method": "lora", "objective": { "name": "contrastive", "margin": 1 } }""", "not a setting of the objective contrastive")]
    [InlineData("""{ "method": "lora", "template": "no text" }""", "contains {text} exactly once")]
    [InlineData("""{ "preset": "cp-tuning", "settings": { "rank": 2 } }""", "methods[0].settings")]
    public void What_cannot_be_used_is_refused_by_its_key(string method, string message)
        => Assert.Contains(message, Assert.ThrowsAny<SkTuningException>(() => Read(method)).Message);

    [Fact]
    public void Both_presets_run_beside_other_methods_and_a_change_is_another_trial()
    {
        using var small = new SmallComparison();
        PlanMethod few = new() { Preset = "t-few", MaxSteps = 3, Rates = [1e-3] },
            pairs = new() { Preset = "cp-tuning", MaxSteps = 3, Rates = [1e-2] },
            trained = new() { Method = "lora", MaxSteps = 2, Rates = [1e-3], Objective = new ContrastiveObjectiveOptions { Weight = 0.1 } };
        var plan = small.Make(few, pairs, trained) with { Seeds = [1] };
        var result = small.Run(plan);
        Assert.All(result.Trials, t => Assert.Null(t.Error));
        Assert.Equal([3, 3, 2], result.Trials.Select(t => t.Steps));
        Assert.Equal(["ia3", "prompt", "lora"], result.Methods.Select(m => m.Method));
        Assert.Equal(("t-few", "3"), (result.Methods[0].Settings["preset"], result.Methods[0].Settings["maxSteps"]));
        Assert.Equal("contrastive", result.Methods[2].Settings["objective"]);
        var other = small.Run(small.Make(few, trained with { Objective = null }) with { Seeds = [1] });
        Assert.Equal(result.Trials[0].Key, other.Trials[0].Key);
        Assert.NotEqual(result.Trials[2].Key, other.Trials[1].Key);
    }
}
