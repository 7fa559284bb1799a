using SkTuning.Compare;
using SkTuning.Reports.Pictures;
using SkTuning.Reports;
using SkTuning.Tests.Compare;

namespace SkTuning.Tests.Reports;

/// <summary>One small comparison with two sizes of one task, made once.</summary>
public sealed class SmallCurve : IDisposable
{
    private readonly SmallComparison _small = new();

    public SmallCurve()
    {
        _small.Write("fewer.tsv", [("The parcel is late", "delivery"), ("I was charged twice", "payment")]);
        var plan = _small.Make();
        Result = _small.Run(plan with { DataSets = [plan.DataSets[0] with { Name = "mail-9", Task = "mail" }, plan.DataSets[0] with { Name = "mail-2", Task = "mail", Train = "fewer.tsv" }] });
    }

    public ComparisonResult Result { get; }

    public string Folder => _small.Results;

    public void Dispose() => _small.Dispose();
}

/// <summary>A comparison as a page.</summary>
public sealed class ComparisonReportTests(SmallCurve small) : IClassFixture<SmallCurve>
{
    private ComparisonResult Result => small.Result;

    [Fact]
    public void It_has_every_part_and_everyone_can_read_it()
    {
        var report = HtmlReport.OfComparison(Result, "sktuning compare small.json");
        Assert.Empty(report.Gaps);
        var page = new AccessiblePage(report.Html);
        Assert.Empty(page.Faults);
        Assert.Equal(["In short", "Test scores", "sk-prefix against each method", "Where sk-prefix was not better", "Scores against trained parameters", "Scores against rows", "Learning curves", "Classes", "What it costs", "Data", "Settings and machine"], page.Sections);
        foreach (var title in (string[])["mail-9: test scores", "mail-2: test scores", "mail-9: score against trained parameters", "mail: score against training rows", "mail-9: learning curves", "mail-9: F1 by class"])
            Assert.NotEmpty(page.Picture(title).QuerySelectorAll("path, rect, ellipse"));
        Assert.Contains("Made by sktuning compare small.json, not by hand.", page.Text);
        Assert.DoesNotContain(Fixtures.Repository, report.Html);
        Assert.DoesNotContain(Environment.MachineName, report.Html);
    }

    [Fact]
    public void Scores_are_those_of_the_summary_and_leaks_are_told()
    {
        var page = new AccessiblePage(HtmlReport.OfComparison(Result).Html);
        foreach (var row in page.Rows("Mean ± standard deviation"))
            Assert.Equal(Result.Summaries.Where(s => s.Method == row[0]).Select(s => FormattableString.Invariant($"{100 * s.Mean:F1} ± {100 * s.Sd:F1}")), row[1..]);
        Assert.Contains(page.Rows("Rows that stand in two splits"), r => r[0] == "mail-9" && r[2] == "train" && r[^1].Contains(SmallComparison.Test[^1].Item1.Trim()[..10]));
        Assert.Contains(page.Document.QuerySelectorAll(".note"), n => n.TextContent.StartsWith("mail-9: rows of one split", StringComparison.Ordinal));
        Assert.Equal(4, page.Rows("Paired on the same").Length);
    }

    [Fact]
    public void What_was_not_better_is_said_in_sentences_losses_first()
    {
        var some = Result.Comparisons[0] with { DataSet = "mail-9" };
        var result = Result with
        {
            Comparisons = [
                some with { Method = "majority", Difference = 0.2, Low = 0.1, High = 0.3, PValue = 0.01, ReferenceMean = 0.8, MethodMean = 0.6 },
                some with { Method = "tfidf", Difference = -0.1, Low = -0.15, High = -0.05, PValue = 0.0001, ReferenceMean = 0.8, MethodMean = 0.9 },
                some with { DataSet = "mail-2", Method = "tfidf", Difference = 0.01, Low = -0.1, High = 0.1, PValue = 0.6, ReferenceMean = 0.8, MethodMean = 0.79 },
            ],
        };
        var page = new AccessiblePage(HtmlReport.OfComparison(result).Html);
        Assert.Empty(page.Faults);
        Assert.Contains("sk-prefix against each other method on each data set: 1 win, 1 tie, 1 loss.", page.Text);
        Assert.Contains("mail-9: better than majority; worse than tfidf.", page.Text);
        Assert.Contains("mail-2: level with tfidf.", page.Text);
        string[] sentences = [.. page.Document.QuerySelectorAll("section li").Select(l => l.TextContent)];
        var loss = Array.IndexOf(sentences, "On mail-9, sk-prefix is worse than tfidf: 80.0 to 90.0, difference -10.0, 95 % interval -15.0 to -5.0, p < 0.001.");
        var tie = Array.IndexOf(sentences, "On mail-2, sk-prefix is not shown to be better or worse than tfidf: 80.0 to 79.0, difference +1.0, 95 % interval -10.0 to +10.0, p = 0.600.");
        Assert.True(loss >= 0 && tie > loss, $"{loss}, {tie}");
        Assert.Contains("On mail-9, sk-prefix is better than majority: 80.0 to 60.0, difference +20.0, 95 % interval +10.0 to +30.0, p = 0.010.", sentences);
        var sections = page.Document.QuerySelectorAll("section").ToDictionary(s => s.QuerySelector("h2")!.TextContent, s => s.TextContent);
        Assert.Contains("worse than tfidf", sections["Where sk-prefix was not better"]);
        Assert.DoesNotContain("better than majority:", sections["Where sk-prefix was not better"]);
    }

    [Fact]
    public void An_unfinished_comparison_and_one_that_failed_say_so()
    {
        var report = HtmlReport.OfComparison(Result with
        {
            IsComplete = false, Trials = [Result.Trials[0]], Scores = [], Comparisons = [],
            Summaries = [.. Result.Summaries.Select(s => s with { Mean = null, Sd = null, Scores = [], Seeds = 0, FailedTrials = 1, Failure = "it <b>diverged</b>" })],
        });
        Assert.StartsWith("The comparison is not complete: 1 of ", Assert.Single(report.Gaps));
        var page = new AccessiblePage(report.Html);
        Assert.Empty(page.Faults);
        Assert.Contains("Trials that failed", page.Sections);
        Assert.Contains("it <b>diverged</b>", page.Text);
        Assert.Contains("nothing to compare it with", page.Text);
    }

    [Fact]
    public void The_folder_of_a_comparison_is_known_by_its_result()
    {
        Result.Save(Path.Combine(small.Folder, ComparisonResult.FileName));
        var report = HtmlReport.OfFolder(small.Folder);
        Assert.Contains("<h1>Comparison small</h1>", report.Html);
        File.WriteAllText(Path.Combine(small.Folder, ComparisonResult.FileName), "{");
        Assert.Contains(ComparisonResult.FileName, Assert.ThrowsAny<SkTuningException>(() => HtmlReport.OfFolder(small.Folder)).Message);
    }
}
