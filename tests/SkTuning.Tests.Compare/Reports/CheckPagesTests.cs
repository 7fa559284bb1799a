using SkTuning.Diagnostics;
using SkTuning.Reports;

namespace SkTuning.Tests.Reports;

/// <summary>The pages of what was checked in the rows and in the texts of the labels.</summary>
public sealed class CheckPagesTests
{
    private static readonly IReadOnlyList<Row> Rows = RowFile.Load(Path.Combine(Fixtures.Repository, "assets", "data", "support", "train.tsv"));

    [Fact]
    public void The_page_of_a_label_check_contains_the_texts_encoded()
    {
        using var model = FrozenModel.Load(Fixtures.Tiny, new() { Device = "cpu" });
        var rows = Splits.KShot(Rows, 12, 1);
        var other = rows.First(r => r.Label != rows[0].Label).Label;
        var check = LabelCheck.Of(model, [.. rows, new("<b>my parcel</b>", rows[0].Label), new("<b>my parcel</b>", other)]);
        var html = HtmlReport.OfLabelCheck(check, "a <file>").Html;
        Assert.Contains("Labels of a &lt;file&gt;", html);
        Assert.Contains("&lt;b&gt;my parcel&lt;/b&gt;", html);
        Assert.DoesNotContain("<b>my", html);
        Assert.Empty(new AccessiblePage(html).Faults);
    }

    [Fact]
    public void The_page_of_a_run_names_misleading_texts_of_labels()
    {
        using var folder = new TemporaryFolder();
        using var model = FrozenModel.Load(Fixtures.Tiny, new() { Device = "cpu" });
        string[] account = Messages("account"), delivery = Messages("delivery");
        using var trained = TextClassifier.Train(model, [.. account.Select(t => new Row(t, "account")), .. delivery.Select(t => new Row(t, "delivery"))], new()
        {
            Method = new ProbeOptions(),
            LabelDescriptions = new Dictionary<string, IReadOnlyList<string>> { ["account"] = [delivery[1]], ["delivery"] = [account[1]] },
            Training = new() { RunFolder = folder["run"] },
        });
        var page = new AccessiblePage(HtmlReport.OfRun(folder["run"]).Html);
        Assert.Empty(page.Faults);
        Assert.Contains(trained.Report!.Descriptions!.Summary, page.Text);
        Assert.Contains(trained.Report.Verdict!.Summary, page.Text);
        Assert.Contains("24 cross-validated rows", page.Text);
        Assert.Contains("seems to hurt", string.Join(' ', page.Rows("The texts of each label")[0]));
    }

    private static string[] Messages(string topic) => [.. Rows.Where(r => r.Label == topic).Take(12).Select(r => r.Text)];
}
