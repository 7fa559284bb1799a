using System.Text.Json.Nodes;
using SkTuning.Compare;

namespace SkTuning.Tests.Compare;

/// <summary>A result that was damaged is refused by the name of the file and of the key; damaged files of trials and tests are written again.</summary>
public sealed class DamagedResultTests(SmallResult small) : IClassFixture<SmallResult>
{
    private const string Removed = "removed";

    [Theory]
    [InlineData("setup.reference", "\"other\"")]
    [InlineData("setup.seeds[1]", "1")]
    [InlineData("dataSets[0]", "null")]
    [InlineData("dataSets[0].labels", "[\"delivery\", \"delivery\"]")]
    [InlineData("dataSets[0].labels", "[\"delivery\", null]")]
    [InlineData("dataSets[0].metric", "17")]
    [InlineData("dataSets[0].trainRows", "0")]
    [InlineData("dataSets[0].truth[1]", "2")]
    [InlineData("dataSets[0].leaks[0]", "null")]
    [InlineData("dataSets[0].leaks[0].examples", "[]")]
    [InlineData("methods[1].name", "\"majority\"")]
    [InlineData("methods[2].rates", "[1e999]")]
    [InlineData("trials[0].dataSet", "\"other\"")]
    [InlineData("trials[0].method", "\"other\"")]
    [InlineData("trials[0].seed", "7")]
    [InlineData("trials[0].seconds", "1e300")]
    [InlineData("trials[0].devScore", "\"NaN\"")]
    [InlineData("trials[0].parameters", "-1")]
    [InlineData("trials[4].epochs", Removed)]
    [InlineData("trials[4].epochs[0]", "null")]
    [InlineData("trials[4].epochs[0].epoch", "-1")]
    [InlineData("plannedTrials", "1")]
    [InlineData("scores[0].dataSet", "\"other\"")]
    [InlineData("scores[0].predicted[0]", "2")]
    [InlineData("scores[0].predicted[0]", "-1")]
    [InlineData("scores[0].predicted", "[0]")]
    [InlineData("scores[0].confidence", "[0.5]")]
    [InlineData("scores[0].classes", "[]")]
    [InlineData("scores[0].classes[1]", "null")]
    [InlineData("scores[0].classes[1].f1", "\"Infinity\"")]
    [InlineData("scores[0].classes[1].label", "\"other\"")]
    [InlineData("scores[0].score", "1e999")]
    [InlineData("summaries", "[]")]
    [InlineData("summaries[0].method", "\"other\"")]
    [InlineData("summaries[0].mean", "null")]
    [InlineData("summaries[0].scores", "[]")]
    [InlineData("summaries[0].metric", "\"Mcc\"")]
    [InlineData("comparisons[0].method", "\"other\"")]
    [InlineData("comparisons[0].pValue", "-1")]
    [InlineData("comparisons[0].reference", "\"majority\"")]
    public void A_value_that_no_result_has_is_refused_by_its_key(string key, string value)
    {
        var e = Refused(result => Change(result, key, value));
        Assert.Equal(key, e.Key);
    }

    [Theory, InlineData("trials[0]"), InlineData("scores[0]"), InlineData("summaries[0]"), InlineData("comparisons[0]")]
    public void A_part_that_is_there_twice_is_refused_by_its_key(string key)
    {
        var e = Refused(result =>
        {
            var (list, last) = Find(result, key);
            var array = (JsonArray)list;
            array.Insert(0, array[int.Parse(last)]!.DeepClone());
            result["plannedTrials"] = 1000;
        });
        Assert.Equal(key.Replace("[0]", "[1]", StringComparison.Ordinal), e.Key);
    }

    [Theory]
    [InlineData("\"name\":", "\"name\":\"a\",\"name\":", "'name' is specified twice")]
    [InlineData("\"name\":\"small\"", "\"name\":\"\\uD800\"", "not valid JSON")]
    [InlineData("\"name\":\"small\"", "\"name\":null", "'$.name' is not valid")]
    public void Text_that_is_not_valid_is_refused(string from, string to, string message)
    {
        var e = Refused(change: null, text => text.Replace(from, to, StringComparison.Ordinal));
        Assert.Contains(message, e.Message);
    }

    [Theory]
    [InlineData("tests", "predictions.predicted", "[0]")]
    [InlineData("tests", "predictions.predicted[0]", "7")]
    [InlineData("tests", "predictions.labels[0]", "\"other\"")]
    [InlineData("tests", "predictions.labels[0]", "null")]
    [InlineData("tests", "seconds", "-1")]
    [InlineData("trials", "dev.predicted", "[]")]
    [InlineData("trials", "dev.labels[0]", "\"\\n\"")]
    [InlineData("trials", "trial.key", "\"\"")]
    [InlineData("trials", "trial.seconds", "1e300")]
    [InlineData("trials", "trial.parameters", "-1")]
    [InlineData("trials", "trial.epochs", Removed)]
    [InlineData("trials", "dev", Removed)]
    [InlineData("trials", "dev", "{}")]
    public void A_damaged_file_of_a_trial_or_a_test_is_written_again(string folder, string key, string value)
    {
        using var comparison = new SmallComparison();
        var plan = comparison.Make(new PlanMethod { Method = "majority" });
        var first = comparison.Run(plan);
        var file = Directory.GetFiles(Path.Combine(comparison.Results, folder))[0];
        var json = JsonNode.Parse(File.ReadAllText(file))!;
        Change(json, key, value);
        File.WriteAllText(file, json.ToJsonString());
        Assert.Equal(SmallComparison.Text(first), SmallComparison.Text(comparison.Run(plan)));
        Assert.NotEqual(json.ToJsonString(), File.ReadAllText(file));
    }

    [Theory, InlineData("\"seconds\":", "\"seconds\":1,\"seconds\":"), InlineData("\"labels\":[\"delivery\"", "\"labels\":[\"\\uD800\"")]
    public void A_file_of_a_test_that_is_not_valid_JSON_is_written_again(string from, string to)
    {
        using var comparison = new SmallComparison();
        var plan = comparison.Make(new PlanMethod { Method = "majority" });
        var first = comparison.Run(plan);
        var file = Directory.GetFiles(Path.Combine(comparison.Results, "tests"))[0];
        var damaged = File.ReadAllText(file).Replace(from, to, StringComparison.Ordinal);
        Assert.NotEqual(damaged, File.ReadAllText(file));
        File.WriteAllText(file, damaged);
        Assert.Equal(SmallComparison.Text(first), SmallComparison.Text(comparison.Run(plan)));
    }

    private SkTuningFileException Refused(Action<JsonNode>? change, Func<string, string>? edit = null)
    {
        using var folder = new TemporaryFolder();
        var file = folder["result.json"];
        small.Result.Save(file);
        var json = JsonNode.Parse(File.ReadAllText(file))!;
        change?.Invoke(json);
        var text = json.ToJsonString();
        File.WriteAllText(file, edit is null ? text : edit(text));
        var e = Assert.Throws<SkTuningFileException>(() => ComparisonResult.Load(file));
        Assert.Equal(file, e.File);
        return e;
    }

    private static void Change(JsonNode json, string key, string value)
    {
        var (parent, last) = Find(json, key);
        if (parent is JsonArray list) list[int.Parse(last)] = JsonNode.Parse(value);
        else if (value == Removed) parent.AsObject().Remove(last);
        else parent[last] = JsonNode.Parse(value);
    }

    /// <summary>Returns the object or list that holds the value of a key such as <c>trials[0].epochs</c>, and the value's name or index in it.</summary>
    private static (JsonNode Parent, string Last) Find(JsonNode json, string key)
    {
        var parts = key.Replace("]", "", StringComparison.Ordinal).Split('.', '[');
        foreach (var part in parts[..^1]) json = json is JsonArray list ? list[int.Parse(part)]! : json[part]!;
        return (json, parts[^1]);
    }
}
