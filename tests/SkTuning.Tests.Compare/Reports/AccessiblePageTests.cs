using SkTuning.Reports;

namespace SkTuning.Tests.Reports;

/// <summary>The accessibility check finds the problems it looks for.</summary>
public sealed class AccessiblePageTests(SmallRuns runs) : IClassFixture<SmallRuns>
{
    [Theory]
    [InlineData("lang=\"en\"", "", "html has no lang")]
    [InlineData("<h2 id=\"section-1\">Summary</h2>", "<h3 id=\"section-1\">Summary</h3>", "h3 follows h1")]
    [InlineData("<h1>", "<h2>x</h2><h1>", "not one h1, at the top")]
    [InlineData("content=\"width=device-width", "content=\"width=900", "no viewport")]
    [InlineData("role=\"img\"", "", "a picture without role img")]
    [InlineData("<title id=\"picture-1-title\">Loss</title>", "<title id=\"picture-1-title\"></title>", "a picture without a title")]
    [InlineData("scope=\"col\" class=\"name\">Class", "class=\"name\">Class", "a th without scope")]
    [InlineData("<caption><span>Classes", "<caption hidden></caption><caption><span>Classes", "a table without a caption")]
    [InlineData("--muted: #57606a", "--muted: #a0a8b0", "light: muted #a0a8b0 on page #ffffff has contrast")]
    [InlineData("--s0: #6aa5f5", "--s0: #20304a", "dark: s0 #20304a on page #14171a has contrast")]
    [InlineData("<main id=\"content\">", "<main id=\"content\"><img src=\"https://example.org/x.png\" alt=\"\">", "an element img")]
    [InlineData("<main id=\"content\">", "<main id=\"content\"><a href=\"https://example.org\">x</a>", "a link to https://example.org")]
    [InlineData("* { box-sizing", "@import \"x.css\"; * { box-sizing", "the style fetches something")]
    [InlineData("<main id=\"content\">", "<main id=\"content\" onclick=\"x()\">", "an attribute onclick of main")]
    [InlineData("id=\"section-2\"", "id=\"section-1\"", "id section-1 2 times")]
    [InlineData("fill:#FFFFFF", "fill:#103C70", "is hard to read on")]
    public void Each_problem_is_found(string good, string bad, string fault)
    {
        var html = HtmlReport.OfRun(runs["single"]).Html;
        Assert.Contains(good, html);
        Assert.Contains(new AccessiblePage(html.Replace(good, bad)).Faults, f => f.Contains(fault, StringComparison.Ordinal));
    }
}
