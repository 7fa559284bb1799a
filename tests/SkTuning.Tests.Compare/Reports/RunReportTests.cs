using System.Text.Json.Nodes;
using SkTuning.Reports;
using SkTuning.Reports.Formatting;
using SkTuning.Tests.Tool;

namespace SkTuning.Tests.Reports;

/// <summary>The report of a run: its content for each task, its accessibility, and damaged and unfinished runs.</summary>
public sealed class RunReportTests(SmallRuns runs) : IClassFixture<SmallRuns>
{
    [Theory]
    [InlineData("single", "Classes", "Confidence", "Most confident errors")]
    [InlineData("several", "Labels", "Confidence", "Most confident errors")]
    [InlineData("levels", "Levels", "Confidence", "Largest errors")]
    [InlineData("scored", "Predicted numbers", "Largest errors")]
    [InlineData("tokens", "Entities and tags", "Sentences with errors")]
    public void Every_task_has_its_sections_and_is_accessible(string run, params string[] parts)
    {
        var report = HtmlReport.OfRun(runs[run]);
        Assert.Empty(report.Gaps);
        var page = new AccessiblePage(report.Html);
        Assert.Empty(page.Faults);
        Assert.Equal(["Summary", "Learning curves", .. parts, "Settings and environment"], page.Sections);
        foreach (var title in (string[])["Loss"]) Assert.NotEmpty(page.Picture(title).QuerySelectorAll("path"));
        Assert.DoesNotContain(Path.GetTempPath(), report.Html);
        Assert.DoesNotContain(Fixtures.Repository, report.Html);
    }

    [Theory]
    [InlineData("single", "Classes", "Most confident errors")]
    [InlineData("levels", "Levels", "Largest errors")]
    public void Without_confidences_there_is_no_section_about_them(string run, params string[] parts)
    {
        using var folder = new TemporaryFolder();
        runs.Copy(run, folder["run"]);
        var file = Path.Combine(folder["run"], "dev-predictions.jsonl");
        var lines = File.ReadAllLines(file).Select(l => JsonNode.Parse(l)!.AsObject()).ToList();
        Assert.All(lines, l => Assert.True(l.Remove("confidence")));
        File.WriteAllLines(file, lines.Select(l => l.ToJsonString()));
        Assert.Equal(["Summary", "Learning curves", .. parts, "Settings and environment"], new AccessiblePage(HtmlReport.OfRun(folder["run"]).Html).Sections);
    }

    [Fact]
    public void Texts_and_labels_that_contain_markup_are_shown_unchanged()
    {
        foreach (var run in (string[])["single", "several", "scored", "levels"])
        {
            var page = new AccessiblePage(HtmlReport.OfRun(runs[run]).Html);
            Assert.Contains(SmallRuns.Hostile, page.Text);
            Assert.Empty(page.Document.QuerySelectorAll("script, img"));
        }
        var single = new AccessiblePage(HtmlReport.OfRun(runs["single"]).Html);
        Assert.Equal(SmallRuns.HostileLabel, single.Rows("Classes on the dev rows")[0][0]);
        Assert.Contains("<b>Clara</b>", new AccessiblePage(HtmlReport.OfRun(runs["tokens"]).Html).Text);
    }

    [Fact]
    public void Single_labels_are_counted_correctly()
    {
        var page = new AccessiblePage(HtmlReport.OfRun(runs["single"]).Html);
        var lines = File.ReadAllLines(Path.Combine(runs["single"], "dev-predictions.jsonl")).Select(l => JsonNode.Parse(l)!).ToList();
        var wrong = lines.Where(l => l["label"]!.GetValue<string>() != l["predicted"]!.GetValue<string>()).ToList();
        Assert.InRange(wrong.Count, 1, 11);
        Assert.Contains(FormattableString.Invariant($"12 dev rows: accuracy {100 * runs.Accuracy:F1}%"), page.Text);
        Assert.Equal(wrong.Count, page.Rows($"{wrong.Count} wrong prediction").Length);
        Assert.Equal(wrong.Count, page.Rows("Confused labels").Sum(r => int.Parse(r[2])));
        Assert.Equal(12, page.Picture("Confusion matrix").QuerySelectorAll("text.figure").Sum(t => int.Parse(t.TextContent)));
        Assert.Equal(wrong.Max(l => l["confidence"]!.GetValue<double>()), double.Parse(page.Rows($"{wrong.Count} wrong prediction")[0][3][..^1]) / 100, 1e-3);
        Assert.Equal("sk-prefix", page.Rows("Task and adapter").Single(r => r[0] == "method")[1]);
        Assert.Equal("2", page.Rows("Training loop").Single(r => r[0] == "epochs")[1]);
        Assert.Contains(page.Rows("Machine and libraries"), r => r[0] == "torchSharp");
    }

    [Fact]
    public void Numbers_are_drawn_as_scatter_plot_and_the_largest_errors_come_first()
    {
        var page = new AccessiblePage(HtmlReport.OfRun(runs["scored"]).Html);
        Assert.Equal(24, page.Picture("Predicted versus true").QuerySelectorAll("ellipse").Length);
        double[] off = [.. page.Rows("The 12 dev rows").Select(r => Math.Abs(double.Parse(r[3])))];
        Assert.Equal(off.OrderDescending(), off);
    }

    [Fact]
    public void Entities_are_counted_by_type()
    {
        var rows = new AccessiblePage(HtmlReport.OfRun(runs["tokens"]).Html).Rows("Entities in the dev rows");
        Assert.Equal(["LOC", "PER", "all", "macro average"], rows.Select(r => r[0]));
        Assert.Equal(["19", "24", "43", "43"], rows.Select(r => r[4]));
    }

    [Fact]
    public void An_unfinished_run_shows_its_progress()
    {
        using var folder = new TemporaryFolder();
        runs.Copy("single", folder["run"]);
        foreach (var file in (string[])["report.json", "dev-predictions.jsonl"]) File.Delete(Path.Combine(folder["run"], file));
        var metrics = Path.Combine(folder["run"], "metrics.jsonl");
        File.WriteAllText(metrics, File.ReadAllText(metrics)[..^20]);     // the last line is incomplete
        var report = HtmlReport.OfFolder(folder["run"]);
        Assert.Contains(report.Gaps, g => g.Contains("report.json") && g.Contains("--resume"));
        Assert.Contains(report.Gaps, g => g.StartsWith("metrics.jsonl: line ", StringComparison.Ordinal) && g.Contains("incomplete"));
        var page = new AccessiblePage(report.Html);
        Assert.Empty(page.Faults);
        Assert.Contains("so far", page.Text);
        Assert.All(report.Gaps, g => Assert.Contains(g, page.Document.QuerySelectorAll(".note").Select(n => n.TextContent)));
        File.Delete(metrics);
        Assert.Empty(new AccessiblePage(HtmlReport.OfFolder(folder["run"]).Html).Faults);
    }

    [Fact]
    public void Damaged_lines_are_ignored_and_reported_and_a_damaged_config_is_an_error()
    {
        using var folder = new TemporaryFolder();
        runs.Copy("several", folder["run"]);
        var predictions = Path.Combine(folder["run"], "dev-predictions.jsonl");
        File.AppendAllText(predictions, "{\"text\":\n{\"text\":1,\"label\":[\"never-seen\"],\"predicted\":[]}\n[]\n");
        File.WriteAllText(Path.Combine(folder["run"], "environment.json"), "[1]");
        var report = HtmlReport.OfRun(folder["run"]);
        Assert.Contains("dev-predictions.jsonl: 2 lines (the first is line 25) are damaged or incomplete and are ignored.", report.Gaps);
        Assert.Contains(report.Gaps, g => g.StartsWith("dev-predictions.jsonl: 1 of 25 lines are not valid", StringComparison.Ordinal));
        Assert.Contains(report.Gaps, g => g.StartsWith("environment.json is damaged", StringComparison.Ordinal));
        Assert.Empty(new AccessiblePage(report.Html).Faults);

        var config = Path.Combine(folder["run"], "config.json");
        (string, string)[] invalid =
            [("{\"format\":", "found text that is not valid JSON"), ("{}", "'format' is missing"), ("{\"format\":\"other\"}", "expected \"sktuning-run\"")];
        foreach (var (text, message) in invalid)
        {
            File.WriteAllText(config, text);
            var error = Assert.ThrowsAny<SkTuningException>(() => HtmlReport.OfFolder(folder["run"]));
            Assert.Contains("config.json", error.Message);
            Assert.Contains(message, error.Message);
        }
    }

    [Fact]
    public void Any_truncated_or_changed_file_gives_an_accessible_page_or_a_clear_error()
    {
        var random = new Random(5);
        using var folder = new TemporaryFolder();
        runs.Copy("single", folder["run"]);
        foreach (var name in (string[])["config.json", "environment.json", "metrics.jsonl", "dev-predictions.jsonl", "report.json"])
        {
            var file = Path.Combine(folder["run"], name);
            var whole = File.ReadAllText(file);
            for (var i = 0; i < 12; i++)
            {
                var (from, length) = (random.Next(whole.Length), random.Next(1, 40));
                string[] inserts = ["null", "-1e999", "[]", "\"\"", "{}", "\u0001"];
                File.WriteAllText(file, i % 3 == 0
                    ? whole[..from]
                    : whole.Remove(from, Math.Min(length, whole.Length - from)).Insert(from, i % 3 == 1 ? "" : inserts[random.Next(6)]));
                try { Assert.Empty(new AccessiblePage(HtmlReport.OfRun(folder["run"]).Html).Faults); }
                catch (SkTuningException e) { Assert.Contains("config.json", e.Message); }
            }
            File.WriteAllText(file, whole);
        }
    }

    [Fact]
    public void A_confusion_matrix_of_77_classes_scrolls()
    {
        using var folder = new TemporaryFolder();
        runs.Copy("single", folder["run"]);
        string[] labels = [.. Enumerable.Range(0, 77).Select(i => $"a_rather_long_intent_number_{i}")];
        var file = Path.Combine(folder["run"], "config.json");
        var config = JsonNode.Parse(File.ReadAllText(file))!;
        config["labels"] = new JsonArray([.. labels.Select(l => (JsonNode)l)]);
        File.WriteAllText(file, config.ToJsonString());
        File.WriteAllLines(Path.Combine(folder["run"], "dev-predictions.jsonl"),
            Enumerable.Range(0, 300).Select(i => $$"""{"text":"t","label":"{{labels[i % 77]}}","predicted":"{{labels[i * i % 77]}}","confidence":0.5}"""));
        var report = HtmlReport.OfRun(folder["run"]);
        var page = new AccessiblePage(report.Html);
        Assert.Empty(page.Faults);
        Assert.NotNull(page.Picture("Confusion matrix").Closest(".scroll"));
        Assert.Equal(79, page.Rows("Classes on the dev rows").Length);
        Assert.InRange(report.Html.Length, 1, 1_000_000);
    }

    [Fact]
    public void The_command_writes_the_file_and_nothing_to_standard_error()
    {
        using var folder = new TemporaryFolder();
        var run = ToolRun.Of("report", runs["single"]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal("", run.Error);                                     // Skia reports drawing errors there
        Assert.Equal(HtmlReport.OfRun(runs["single"]).Html, File.ReadAllText(Path.Combine(runs["single"], "report.html")));
        Assert.Equal(0, ToolRun.Of("report", runs["tokens"], "--out", folder["deep/x.html"]).ExitCode);
        Assert.True(File.Exists(folder["deep/x.html"]));
        Directory.CreateDirectory(folder["empty"]);
        foreach (var (at, message) in ((string, string)[])[("nowhere", "does not exist"), ("empty", "contains neither config.json nor result.json")])
        {
            var failed = ToolRun.Of("report", folder[at]);
            Assert.Equal(1, failed.ExitCode);
            Assert.StartsWith($"error: {folder[at]}: {message}", failed.Error);
            Assert.Single(failed.Error.Trim().Split('\n'));
        }
    }

    [Fact]
    public void Texts_are_encoded()
    {
        Assert.Equal("&lt;a href=&quot;x&quot;&gt; &amp;amp; &#39;", Encoded.Text("<a href=\"x\"> &amp; '"));
        Assert.Equal("a\uFFFDb\uFFFDc\td\n", Encoded.Text("a\0b\uD800c\td\n"));
        Assert.Equal("日本 😀", Encoded.Text("日本 😀"));
    }
}
