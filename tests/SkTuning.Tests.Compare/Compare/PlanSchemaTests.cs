using System.Text.Json;
using System.Text.Json.Nodes;
using SkTuning.Compare;
using SkTuning.Tests.Tool;

namespace SkTuning.Tests.Compare;

/// <summary>The schema of a plan and its documentation are those of the types.</summary>
public sealed class PlanSchemaTests
{
    private static string Committed => Path.Combine(Fixtures.Repository, "docs", "plan.schema.json");

    private static string Page => File.ReadAllText(Path.Combine(Fixtures.Repository, "docs", "comparing.md"));

    [Fact]
    public void The_committed_schema_is_current()
    {
        var schema = PlanSchema.Text();
        if (Environment.GetEnvironmentVariable("SK_UPDATE") == "1") File.WriteAllText(Committed, schema);
        Assert.True(schema == File.ReadAllText(Committed), $"Run this test with SK_UPDATE=1 to write {Committed}.");
    }

    [Fact]
    public void Every_key_is_documented_and_no_other()
    {
        Type[] records = [typeof(ComparisonPlan), typeof(PlanDataSet), typeof(PlanMethod)];
        string[] headings = ["## The plan", "## A data set", "## A method"];
        foreach (var (record, heading) in records.Zip(headings))
        {
            var section = Page[Page.IndexOf(heading, StringComparison.Ordinal)..].Split("\n## ")[0];
            var documented = section.ReplaceLineEndings("\n").Split('\n').Where(l => l.StartsWith("| `", StringComparison.Ordinal))
                .Select(l => l.Split('`')[1]);
            Assert.Equal(PlanSchema.Keys(record).Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void The_plans_of_the_repository_are_valid()
    {
        var plans = Directory.GetFiles(Path.Combine(Fixtures.Repository, "bench", "plans"), "*.json").Order(StringComparer.Ordinal).ToList();
        Assert.NotEmpty(plans);
        Assert.All(plans, file => Assert.Empty(Faults(Parse(File.ReadAllText(file)))));
    }

    [Fact]
    public void The_plan_to_start_from_is_valid_and_can_be_loaded()
    {
        using var folder = new TemporaryFolder();
        var run = ToolRun.Of("compare", "--init", folder["start.json"]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains($"Try: sktuning compare {folder["start.json"]}", run.Output);
        Assert.Empty(Faults(Parse(File.ReadAllText(folder["start.json"]))));
        var plan = ComparisonPlan.Load(folder["start.json"]);
        Assert.Equal(("start", 3, "lora"), (plan.Name, plan.Seeds.Count, plan.Reference));
        Assert.True(File.Exists(plan.DataSets[0].Train) && Directory.Exists(plan.Model));
        var again = ToolRun.Of("compare", "--init", folder["start.json"]);
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("an existing file", again.Error);
    }

    [Fact]
    public void A_plan_may_name_its_schema()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["p.json"], """
            { "$schema": "plan.schema.json", "model": "m", "seeds": [1], "methods": [ { "method": "lora", "head": "semantic", "labelTexts": "names" } ],
              "dataSets": [ { "name": "a", "prompt": "p", "train": "t.tsv", "test": "e.tsv", "descriptions": "labels.json", "metric": "macroF1" } ] }
            """.Replace("\"labels.json\"", "{ \"a\": \"b\", \"c\": [\"d\"] }", StringComparison.Ordinal));
        Assert.Equal("p", ComparisonPlan.Load(folder["p.json"]).Name);
        Assert.Empty(Faults(Parse(File.ReadAllText(folder["p.json"]))));
    }

    [Theory]
    [InlineData("""{ "model": "m", "seeds": [1], "dataSets": [], "methods": [], "epoch": 3 }""", "epoch")]
    [InlineData("""{ "model": "m", "seeds": [1], "dataSets": [] }""", "methods")]
    [InlineData("""{ "model": "m", "seeds": [1], "dataSets": [], "methods": [{ "method": "lora", "rates": "0.1" }] }""", "rates")]
    [InlineData("""{ "model": "m", "seeds": ["one"], "dataSets": [], "methods": [] }""", "seeds")]
    [InlineData("""{ "model": "m", "seeds": [1], "dataSets": [{ "name": "a", "prompt": "p", "metric": "recall" }], "methods": [] }""", "metric")]
    [InlineData("""{ "model": "m", "seeds": [1], "dataSets": [], "methods": [{ "method": "lora", "head": "sematic" }] }""", "head")]
    public void The_schema_finds_mistakes(string plan, string key) => Assert.Contains(Faults(Parse(plan)), f => f.Contains(key, StringComparison.Ordinal));

    private static JsonNode Parse(string plan)
        => JsonNode.Parse(plan, documentOptions: new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true })!;

    private static List<string> Faults(JsonNode plan) => [.. Faults(JsonNode.Parse(PlanSchema.Text())!.AsObject(), plan, "plan")];

    /// <summary>Validates what the schema uses of JSON Schema.</summary>
    private static IEnumerable<string> Faults(JsonObject schema, JsonNode? value, string at)
    {
        if (schema["anyOf"] is JsonArray any && any.All(s => Faults(s!.AsObject(), value, at).Any())) yield return $"{at} is none of several kinds";
        if (schema["enum"] is JsonArray names && !names.Any(n => JsonNode.DeepEquals(n, value))) yield return $"{at} is not one of the names";
        if (schema["type"] is { } type)
        {
            var kinds = type is JsonArray several ? several.Select(t => (string)t!).ToList() : [(string)type!];
            var kind = value?.GetValueKind() switch
            {
                null => "null",
                JsonValueKind.Number => "number",
                JsonValueKind.True or JsonValueKind.False => "boolean",
                var other => other.ToString()!.ToLowerInvariant(),
            };
            if (!kinds.Contains(kind) && !(kind == "number" && kinds.Contains("integer"))) yield return $"{at} is {kind}";
        }
        if (value is JsonArray items && schema["items"] is JsonObject each)
            foreach (var fault in items.SelectMany((item, i) => Faults(each, item, $"{at}[{i}]"))) yield return fault;
        if (value is not JsonObject written) yield break;
        foreach (var key in schema["required"] as JsonArray ?? [])
            if (!written.ContainsKey((string)key!)) yield return $"{at} has no {key}";
        foreach (var (key, own) in written)
        {
            if (schema["properties"] is JsonObject properties && properties[key] is JsonObject property)
                foreach (var fault in Faults(property, own, $"{at}.{key}")) yield return fault;
            else if (schema["additionalProperties"] is JsonObject more)
                foreach (var fault in Faults(more, own, $"{at}.{key}")) yield return fault;
            else if (schema["additionalProperties"] is JsonValue) yield return $"{at} has an unknown key {key}";
        }
    }
}
