using System.Text.Json;
using SkTuning.Compare;

namespace SkTuning.Tests.Compare;

/// <summary>The keys of a plan for label descriptions, heads, steps, and data sets without dev rows.</summary>
public sealed class PlanTextTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static string Data(string more) => $$"""{ "name": "d", "prompt": "p", "train": "t.tsv", "test": "t.tsv", {{more}} }""";

    private static string Method(string more) => $$"""{ "method": "lora", {{more}} }""";

    private ComparisonPlan Read(string data, string methods = """{ "method": "lora" }""")
    {
        File.WriteAllText(_folder["plan.json"], $$"""{ "model": "m", "seeds": [1], "dataSets": [{{data}}], "methods": [{{methods}}] }""");
        return ComparisonPlan.Load(_folder["plan.json"]);
    }

    [Fact]
    public void Descriptions_are_a_text_a_list_or_a_file_of_an_object_or_of_lines()
    {
        File.WriteAllText(_folder["texts.json"], """{ "a": "one", "b/c": ["two", "three"] } // a comment""");
        File.WriteAllText(_folder["texts.txt"], "a = one\r\n\nb/c=two\nb/c = three\n");
        var absolute = JsonSerializer.Serialize(_folder["texts.txt"]);
        string[] ways = ["""{ "a": "one", "b/c": ["two", "three"] }""", "\"texts.json\"", "\"texts.txt\"", absolute];
        foreach (var way in ways)
        {
            var plan = Read(Data($"\"descriptions\": {way}"), Method($"\"descriptions\": {{ \"d\": {way} }}"));
            foreach (var texts in new[] { plan.DataSets[0].Descriptions!, plan.Methods[0].Descriptions["d"] })
            {
                Assert.Equal(["a", "b/c"], texts.Keys);
                Assert.Equal(["one"], texts["a"]);
                Assert.Equal(["two", "three"], texts["b/c"]);
            }
        }
        Assert.Null(Read(Data("\"shots\": 2")).DataSets[0].Descriptions);
    }

    [Theory]
    [InlineData("3", "'dataSets[0].descriptions' is 3, expected an object of labels with a text or a list of texts, or the path of a file")]
    [InlineData("{}", "'dataSets[0].descriptions' is empty, expected a text for at least one label")]
    [InlineData("""{ "a": [] }""", "'dataSets[0].descriptions.a' is empty, expected a text or several")]
    [InlineData("""{ "a": ["x", " "] }""", "'dataSets[0].descriptions.a' is empty, expected a text or several")]
    [InlineData("""{ "a": 1 }""", "'dataSets[0].descriptions.a' is 1, expected a text or a list of texts")]
    [InlineData("""{ "a": ["x", null] }""", "'dataSets[0].descriptions.a' is [\"x\",null], expected a text or a list of texts")]
    [InlineData("\"absent.json\"", "absent.json")]
    [InlineData("\"bad.txt\"", "bad.txt: 'line 2' is \"no label\", expected label=text")]
    [InlineData("\"bad.json\"", "bad.json: 'a' is {}, expected a text or a list of texts")]
    [InlineData("\"\"", "'dataSets[0].descriptions' is \"\"")]
    public void Descriptions_that_are_no_texts_are_refused_by_name(string value, string expected)
    {
        File.WriteAllText(_folder["bad.txt"], "a=one\nno label\n");
        File.WriteAllText(_folder["bad.json"], """{ "a": {} }""");
        Assert.Contains(expected, Assert.ThrowsAny<SkTuningException>(() => Read(Data($"\"descriptions\": {value}"))).Message);
    }

    [Theory]
    [InlineData("\"semantic\"", null)]
    [InlineData("""{ "head": "semantic" }""", null)]
    [InlineData("""{ "head": "semantic", "priorWeight": 0 }""", 0.0)]
    public void A_head_is_a_name_or_an_object_with_settings_as_in_an_adapter(string head, double? prior)
        => Assert.Equal(new SemanticHeadOptions { PriorWeight = prior }, Read(Data("\"shots\": 2"), Method($"\"head\": {head}")).Methods[0].Head);

    [Fact]
    public void Omitted_settings_of_a_head_have_their_defaults()
        => Assert.Equal(new LikelihoodHeadOptions(), Read(Data("\"shots\": 2"), Method("\"head\": \"likelihood\"")).Methods[0].Head);

    [Theory]
    [InlineData("\"head\": \"round\"", "'methods[0].head' is \"round\", expected one of linear, semantic, ")]
    [InlineData("\"head\": { \"priorWeight\": 1 }", "'methods[0].head.head' is null, expected one of linear, semantic, ")]
    [InlineData("\"head\": { \"head\": \"semantic\", \"prior\": 1 }",
        "'methods[0].head.prior' is not a setting of the head semantic, expected one of priorWeight, featureScale")]
    [InlineData("\"head\": { \"head\": \"linear\", \"x\": 1 }", "'methods[0].head.x' is not a setting of the head linear, expected no settings")]
    [InlineData("\"head\": { \"head\": \"semantic\", \"priorWeight\": \"much\" }", "is not valid, expected a value of a plan")]
    [InlineData("\"head\": { \"head\": \"semantic\", \"name\": \"x\" }", "'methods[0].head.name' is not a setting of the head semantic")]
    [InlineData("\"ratesTried\": [1]", "'methods[0].ratesTried' is not a known key, expected one of ")]
    [InlineData("\"epochs\": 0", "'methods[0].epochs' is 0, expected 1 to 100000")]
    [InlineData("\"batchSize\": 0", "'methods[0].batchSize' is 0, expected 1 to 65536")]
    [InlineData("\"maxSteps\": 0", "'methods[0].maxSteps' is 0, expected 1 or more")]
    [InlineData("\"labelTexts\": \"backwards\"", "'methods[0].labelTexts' is \"backwards\", expected one of asWritten, names, swapped, randomWords")]
    [InlineData("\"descriptions\": { \"e\": { \"a\": \"x\" } }", "'methods[0].descriptions.e' is for a data set that is not in the plan, expected one of d")]
    [InlineData("\"descriptions\": \"texts.json\"", "'methods[0].descriptions' is \"texts.json\", expected an object of data sets")]
    [InlineData("\"descriptions\": { \"d\": { \"a\": \"\" } }", "'methods[0].descriptions.d.a' is empty")]
    public void An_error_in_a_method_is_refused_by_name(string more, string expected)
        => Assert.Contains(expected, Assert.ThrowsAny<SkTuningException>(() => Read(Data("\"shots\": 2"), Method(more))).Message);

    [Theory]
    [InlineData("\"epochs\": 2", "epochs")]
    [InlineData("\"maxSteps\": 2", "maxSteps")]
    [InlineData("\"batchSize\": 2", "batchSize")]
    [InlineData("\"head\": \"semantic\"", "head")]
    [InlineData("\"labelTexts\": \"names\"", "labelTexts")]
    [InlineData("\"descriptions\": { \"d\": { \"a\": \"x\" } }", "descriptions")]
    public void A_baseline_has_none_of_them(string more, string key)
    {
        var message = Assert.ThrowsAny<SkTuningException>(() => Read(Data("\"shots\": 2"), $$"""{ "method": "tfidf", {{more}} }""")).Message;
        Assert.Contains($"'methods[0].{key}' is ", message);
        Assert.Contains("because tfidf ", message);
    }

    [Fact]
    public void Without_dev_rows_a_method_has_one_learning_rate()
    {
        const string Methods = """{ "method": "lora" }, { "method": "ia3", "rates": [0.05] }, { "method": "majority" }, { "method": "probe" }""";
        var plan = Read(Data("\"dev\": \"none\""), Methods);
        Assert.Equal(4, plan.Trials);
        Assert.Equal([TuningOptions.Create("lora").DefaultLearningRate!.Value], plan.Methods[0].RatesOn(plan.DataSets[0]));
        Assert.Equal([0.05], plan.Methods[1].RatesOn(plan.DataSets[0]));

        var both = Read(Data("\"dev\": \"none\"") + """, { "name": "e", "prompt": "p", "kShot": "k" }""", """{ "method": "lora" }, { "method": "probe" }""");
        Assert.Equal(1 + 1 + 3 + 1, both.Trials);

        var kShot = Read("""{ "name": "e", "prompt": "p", "kShot": "k", "dev": "none" }""");
        Assert.Equal(1, kShot.Trials);
        Assert.Contains("'methods[0].rates' is \"0.1, 0.2\", expected one learning rate because the data set d has no dev rows to choose with",
            Assert.ThrowsAny<SkTuningException>(() => Read(Data("\"dev\": \"none\""), Method("\"rates\": [0.1, 0.2]"))).Message);
    }

    public void Dispose() => _folder.Dispose();
}
