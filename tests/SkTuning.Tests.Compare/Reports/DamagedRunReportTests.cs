using System.Text.Json.Nodes;
using SkTuning.Reports;

namespace SkTuning.Tests.Reports;

/// <summary>A run folder with values of a wrong kind still has a report, or is refused by the name of the file.</summary>
public sealed class DamagedRunReportTests(SmallRuns runs) : IClassFixture<SmallRuns>
{
    private static readonly string[] Values = ["null", "true", "-1e308", "\"x\"", "[]", "[[1]]", "{}", "{\"path\":{}}"];

    [Theory, InlineData("single"), InlineData("several"), InlineData("scored"), InlineData("tokens")]
    public void Values_of_a_wrong_kind_give_a_page(string name)
    {
        using var folder = new TemporaryFolder();
        runs.Copy(name, folder["run"]);
        foreach (var file in (string[])["config.json", "environment.json", "report.json"])
        {
            var path = Path.Combine(folder["run"], file);
            var whole = File.ReadAllText(path);
            foreach (var key in JsonNode.Parse(whole)!.AsObject().Select(p => p.Key).Where(k => k is not "format").ToList())
            {
                var json = JsonNode.Parse(whole)!;
                json[key] = JsonNode.Parse(Values[key.Length % Values.Length]);
                File.WriteAllText(path, json.ToJsonString());
                Assert.NotEmpty(HtmlReport.OfRun(folder["run"]).Html);
            }
            File.WriteAllText(path, whole);
        }
    }

    [Theory, InlineData("\"model\""), InlineData("17"), InlineData("[1]"), InlineData("{\"path\": 3, \"fingerprint\": \"x\"}")]
    public void A_model_or_rows_of_a_wrong_kind_are_not_shown(string value)
    {
        using var folder = new TemporaryFolder();
        runs.Copy("single", folder["run"]);
        var file = Path.Combine(folder["run"], "config.json");
        var config = JsonNode.Parse(File.ReadAllText(file))!;
        foreach (var key in (string[])["model", "rows", "options", "training", "labels", "start"]) config[key] = JsonNode.Parse(value);
        File.WriteAllText(file, config.ToJsonString());
        Assert.Contains("a model", new AccessiblePage(HtmlReport.OfRun(folder["run"]).Html).Text);
    }

    [Theory]
    [InlineData("{\"format\":\"sktuning-run\",\"model\":{\"path\":\"a\",\"path\":\"b\"}}", "'path' is specified twice")]
    [InlineData("{\"format\":\"sktuning-run\",\"prompt\":\"\\uD800\"}", "not valid JSON")]
    public void A_config_that_fails_only_when_it_is_used_is_refused(string config, string message)
    {
        using var folder = new TemporaryFolder();
        runs.Copy("single", folder["run"]);
        var file = Path.Combine(folder["run"], "config.json");
        File.WriteAllText(file, config);
        var e = Assert.Throws<SkTuningFileException>(() => HtmlReport.OfRun(folder["run"]));
        Assert.Equal(file, e.File);
        Assert.Contains(message, e.Message);
    }

    [Fact]
    public void Lines_with_a_name_that_occurs_twice_or_half_a_character_are_ignored_and_counted()
    {
        using var folder = new TemporaryFolder();
        runs.Copy("single", folder["run"]);
        foreach (var name in (string[])["metrics.jsonl", "dev-predictions.jsonl"])
            File.AppendAllText(Path.Combine(folder["run"], name), "{\"event\":\"step\",\"event\":\"step\"}\n{\"event\":\"\\uDC00\",\"label\":\"\\uD800\"}\n");
        File.WriteAllText(Path.Combine(folder["run"], "report.json"), "{\"steps\":1,\"steps\":2}");
        var gaps = HtmlReport.OfRun(folder["run"]).Gaps;
        Assert.Contains(gaps, g => g.StartsWith("metrics.jsonl: 2 lines", StringComparison.Ordinal));
        Assert.Contains(gaps, g => g.StartsWith("dev-predictions.jsonl: 2 lines", StringComparison.Ordinal));
        Assert.Contains(gaps, g => g.StartsWith("report.json is damaged", StringComparison.Ordinal) && g.Contains("'steps' is specified twice"));
    }
}
