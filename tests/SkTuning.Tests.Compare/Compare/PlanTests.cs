using SkTuning.Compare;

namespace SkTuning.Tests.Compare;

/// <summary>Reading plan.json, and the messages for errors in it.</summary>
public sealed class PlanTests
{
    private const string Data = """{ "name": "d", "prompt": "Classify:", "train": "train.tsv", "test": "test.tsv" }""";

    private static string Plan(string more = "", string data = Data, string methods = """{ "method": "sk-prefix" }""")
        => $$"""{ "model": "m", "seeds": [1], "dataSets": [{{data}}], "methods": [{{methods}}]{{(more.Length > 0 ? ", " + more : "")}} }""";

    private static ComparisonPlan Read(string json)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["my-plan.json"], json);
        return ComparisonPlan.Load(folder["my-plan.json"]);
    }

    [Fact]
    public void Omitted_keys_have_their_defaults()
    {
        var plan = Read(Plan());
        Assert.Equal(("my-plan", Precision.Float32, Pooling.Mean, (int?)null, (int?)null, true, "auto"),
            (plan.Name, plan.Precision, plan.Pooling, plan.Epochs, plan.BatchSize, plan.HeadFirst, plan.Device));
        Assert.Equal((ComparisonMetric.Accuracy, "{text}", "text", "label"),
            (plan.DataSets[0].Metric, plan.DataSets[0].Template, plan.DataSets[0].TextColumn, plan.DataSets[0].LabelColumn));
        Assert.Equal(("sk-prefix", 0), (plan.Methods[0].Title, plan.Methods[0].Settings.Count));
    }

    [Fact]
    public void The_default_rates_surround_the_default_of_the_method_and_are_equally_many()
    {
        const string Methods = """{ "method": "sk-prefix" }, { "method": "ia3" }, { "method": "majority" }, { "method": "tfidf" }, { "method": "probe" }""";
        var plan = Read(Plan(methods: Methods));
        foreach (var method in plan.Methods.Take(2))
        {
            var rate = TuningOptions.Create(method.Method!).DefaultLearningRate!.Value;
            Assert.Equal([rate / 3, rate, rate * 3], method.RatesTried, (a, b) => Math.Abs(a - b) <= 0.005 * a);
        }
        Assert.All(plan.Methods.Skip(2), m => Assert.Empty(m.RatesTried));
        Assert.Equal(3 + 3 + 1 + 1 + 1, plan.Trials);
        Assert.NotEqual(plan.Methods[0].RatesTried, plan.Methods[1].RatesTried);
    }

    [Fact]
    public void Joined_methods_are_methods_with_settings_of_their_parts_and_the_rate_follows_the_settings()
    {
        const string Methods = """
            { "method": "sk-prefix+lora", "settings": { "lora.rank": 2 } },
            { "method": "prefix", "settings": { "start": "random", "projection": 8 } },
            { "method": "layer-mix" }
            """;
        var plan = Read(Plan(methods: Methods));
        Assert.Equal(TuningOptions.Create("sk-prefix+lora").DefaultLearningRate, plan.Methods[0].RatesTried[1]);
        Assert.Equal(TuningOptions.Create("prefix", plan.Methods[1].Settings).DefaultLearningRate, plan.Methods[1].RatesTried[1]);
        Assert.NotEqual(TuningOptions.Create("prefix").DefaultLearningRate, plan.Methods[1].RatesTried[1]);
        Assert.Equal("sk-prefix+lora", MethodTraits.Options(plan.Methods[0]).Name);
        Assert.Contains("joined by +", Assert.ThrowsAny<SkTuningException>(() => Read(Plan(methods: """{ "method": "tfidf+lora" }"""))).Message);
        Assert.Contains("sk-prefix and prefix", Assert.ThrowsAny<SkTuningException>(() => Read(Plan(methods: """{ "method": "sk-prefix+prefix" }"""))).Message);
    }

    [Fact]
    public void Settings_may_be_numbers_texts_and_booleans_and_comments_are_skipped()
    {
        const string Methods = """
            { "method": "sk-prefix", /* small */ "settings": { "bottleneck": 8, "dropout": 0.1, "gate": true } },
            { "name": "p", "method": "prefix", "settings": { "start": "random", "tokens": "5" }, }
            """;
        var plan = Read(Plan(methods: Methods));
        Assert.Equal(["8", "0.1", "true"], plan.Methods[0].Settings.Values);
        Assert.Equal(["random", "5"], plan.Methods[1].Settings.Values);
    }

    [Fact]
    public void Enum_values_are_case_insensitive()
    {
        const string Set = """{ "name": "d", "prompt": "Classify:", "train": "a.tsv", "test": "b.tsv", "metric": "macroF1" }""";
        var plan = Read(Plan(""" "precision": "bfloat16", "pooling": "last" """, Set));
        Assert.Equal((Precision.BFloat16, Pooling.Last, ComparisonMetric.MacroF1), (plan.Precision, plan.Pooling, plan.DataSets[0].Metric));
    }

    [Fact]
    public void The_reference_is_the_first_sk_prefix_unless_it_is_named()
    {
        const string Methods = """{ "method": "lora" }, { "name": "mine", "method": "sk-prefix" }""";
        Assert.Equal("mine", Read(Plan(methods: Methods)).ReferenceName);
        Assert.Equal("lora", Read(Plan(""" "reference": "lora" """, methods: Methods)).ReferenceName);
    }

    [Theory]
    [InlineData("""{ "modle": "m" }""", "'modle' is not a known key, expected one of name, model, ")]
    [InlineData("""{ "model": "m", "seeds": [1], "methods": [{ "method": "probe" }] }""", "'dataSets' is missing, expected a list.")]
    [InlineData("[]", "found another JSON value, expected a JSON object")]
    [InlineData("""{ "model": "m", """, "text that is not valid JSON, expected JSON")]
    [InlineData("""{ "model": "m", "model": "n" }""", "'model' is specified twice")]
    [InlineData("""{ "model": "\uD800" }""", "text that is not valid JSON")]
    [InlineData("""{ "model": "m", "seeds": [1], "dataSets": {}, "methods": [] }""", "'dataSets' is {}, expected a list of objects with the keys name, ")]
    [InlineData("""{ "model": "m", "seeds": [1], "dataSets": [3], "methods": [] }""", "'dataSets[0]' is 3, expected an object with the keys name, ")]
    public void A_wrong_structure_is_reported(string json, string expected) => Refused(json, expected);

    [Theory]
    [InlineData(""" "epochs": 0 """, "'epochs' is 0, expected 1 to 100000.")]
    [InlineData(""" "epochs": "many" """, "'epochs' is not valid, expected a value of a plan.")]
    [InlineData(""" "batchSize": 0 """, "'batchSize' is 0")]
    [InlineData(""" "precision": "half" """, "'precision' is \"half\", expected one of float32, bFloat16, auto, float16.")]
    [InlineData(""" "pooling": "max" """, "'pooling' is \"max\", expected one of mean, last, first, attention.")]
    [InlineData(""" "reference": "lora" """, "'reference' is \"lora\", expected the name of one of the methods: sk-prefix.")]
    [InlineData(""" "maxTokens": 0 """, "'maxTokens' is 0")]
    public void An_invalid_value_is_reported(string more, string expected) => Refused(Plan(more), expected);

    [Theory]
    [InlineData("""{ "name": "d", "prompt": "p", "train": "t.tsv", "test": "t.tsv", "metrik": "accuracy" }""",
        "'dataSets[0].metrik' is not a known key, expected one of name, task, prompt, ")]
    [InlineData("""{ "name": "d", "train": "t.tsv", "test": "t.tsv" }""", "'dataSets[0].prompt' is missing, expected a string.")]
    [InlineData("""{ "name": "d", "prompt": "p", "train": "t.tsv" }""", "'dataSets[0].test' is missing")]
    [InlineData("""{ "name": "d", "prompt": "p", "train": "t.tsv", "test": "t.tsv", "levels": ["low"] }""",
        "'dataSets[0].levels' is one level, expected two or more levels.")]
    [InlineData("""{ "name": "d", "prompt": "p", "train": "t.tsv", "test": "t.tsv", "metric": "quadraticKappa" }""",
        "'dataSets[0].metric' is quadraticKappa, expected another metric because the data set has no levels.")]
    [InlineData("""{ "name": "d", "prompt": "p", "train": "t.tsv", "test": "t.tsv", "metric": "bleu" }""",
        "'dataSets[0].metric' is \"bleu\", expected one of accuracy, macroF1, weightedF1, mcc, kappa, quadraticKappa.")]
    [InlineData("""{ "name": "d", "prompt": "p", "kShot": "k", "dev": "t.tsv" }""",
        "'dataSets[0].dev' is \"t.tsv\", expected no value in combination with kShot")]
    [InlineData("""{ "name": "d", "prompt": "p", "kShot": "k", "template": "text" }""", "'dataSets[0].template'")]
    [InlineData("""{ "name": "d", "prompt": "p", "kShot": "k", "shots": 2, "limit": 9 }""",
        "'dataSets[0].limit' is 9, expected no value in combination with shots.")]
    [InlineData(Data + ", " + Data, "'dataSets[].name': \"d\" appears 2 times")]
    public void An_error_in_a_data_set_is_reported(string data, string expected) => Refused(Plan(data: data), expected);

    [Theory]
    [InlineData("""{ "method": "magic" }""", "'methods[0].method' is \"magic\", expected one of majority, tfidf, auto, sk-prefix, ")]
    [InlineData("""{ "method": "sk-prefix", "settings": { "bottlenek": 8 } }""", "'methods[0].settings': The method sk-prefix has no setting 'bottlenek'")]
    [InlineData("""{ "method": "sk-prefix", "settings": { "bottleneck": 0 } }""",
        "'methods[0].settings': SkPrefixOptions.Bottleneck is 0, expected 1 to 4096.")]
    [InlineData("""{ "method": "sk-prefix", "settings": { "bottleneck": [8] } }""", "'methods[0].settings.bottleneck' is [8], expected a single value.")]
    [InlineData("""{ "method": "majority", "settings": { "x": 1 } }""", "'methods[0].settings' is \"x\", expected no settings because majority has none.")]
    [InlineData("""{ "method": "tfidf", "rates": [0.1] }""", "'methods[0].rates' is \"0.1\", expected no learning rates because tfidf has none.")]
    [InlineData("""{ "method": "lora", "rates": [-1] }""", "'methods[0].rates' is -1, expected learning rates above 0 and at most 10.")]
    [InlineData("""{ "method": "lora", "rates": [] }""", "'methods[0].rates' is empty")]
    [InlineData("""{ "method": "lora", "rates": [0.1, 0.1] }""", "'methods[0].rates': 0.1 appears 2 times")]
    [InlineData("""{ "method": "lora" }, { "method": "ia3", "rates": [0.1] }""", "lora has 3 learning rates and ia3 has 1, expected the same number")]
    [InlineData("""{ "method": "lora" }, { "method": "lora" }""", "'methods[].name': \"lora\" appears 2 times")]
    [InlineData("""{ "method": "lora", "prompts": { "other": "p" } }""", "'methods[0].prompts.other'")]
    public void An_error_in_a_method_is_reported(string methods, string expected) => Refused(Plan(methods: methods), expected);

    [Theory, InlineData("epochs", false), InlineData("reference", true), InlineData("pooling", true), InlineData("other", true)]
    public void The_message_about_a_long_value_is_short_and_one_line(string key, bool isText)
    {
        var value = isText ? $"\"{new string('x', 3_000_000)}\\n\"" : new string('9', 3_000_000);
        var message = Assert.Throws<SkTuningFileException>(() => Read(Plan($"\"{key}\": {value}"))).Message;
        Assert.InRange(message.Length, 1, 1500);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_missing_plan_is_reported()
        => Assert.StartsWith("nowhere.json: does not exist", Assert.ThrowsAny<SkTuningException>(() => ComparisonPlan.Load("nowhere.json")).Message);

    [Theory]
    [InlineData("tiny.json", "sk-prefix")]
    [InlineData("few-rows-minilm.json", "sk-prefix")]
    [InlineData("few-rows-tiny.json", "sk-prefix")]
    [InlineData("setfit-8.json", "auto")]
    [InlineData("setfit-16.json", "sk-prefix")]
    [InlineData("setfit-64.json", "sk-prefix")]
    [InlineData("controls-minilm.json", "sk-prefix")]
    [InlineData("prefix-variants.json", "sk-prefix")]
    [InlineData("recipe-many.json", "probe")]
    [InlineData("recipe-rates.json", "probe")]
    [InlineData("recipe-steps.json", "probe")]
    [InlineData("recipe-tiny.json", "probe")]
    public void The_plans_of_the_repository_can_be_read(string name, string reference)
    {
        var plan = ComparisonPlan.Load(Path.Combine(Fixtures.Repository, "bench", "plans", name));
        Assert.Equal(reference, plan.ReferenceName);
        Assert.Equal(Path.Combine(Fixtures.Repository, "bench", "plans"), plan.Folder);
    }

    private static void Refused(string json, string expected)
    {
        var message = Assert.ThrowsAny<SkTuningException>(() => Read(json)).Message;
        Assert.Contains("my-plan.json: ", message);
        Assert.Contains(expected, message);
    }
}
