using System.Text.RegularExpressions;

namespace SkTuning.Tests.Documentation;

/// <summary>A reader finds every page: links lead to files and headings that exist, and the index of the documentation names each page.</summary>
public sealed partial class LinkTests
{
    private const string Index = "docs/README.md", Samples = "samples/README.md";

    private static IEnumerable<string> Pages => Page.Names.Append(Samples);

    [Fact]
    public void Every_link_leads_to_a_file_and_a_heading_that_exist()
    {
        var broken = Pages.SelectMany(page => Links(page).Where(link => !Exists(page, link)).Select(link => $"{page}: {link}")).ToList();
        Assert.True(broken.Count == 0, $"{broken.Count} links\n{string.Join('\n', broken)}");
    }

    [Fact]
    public void The_readme_links_to_the_index_and_the_index_to_every_page()
    {
        Assert.Contains(Index, Links("README.md"));
        var listed = Links(Index).Select(l => Target(Index, l.Split('#')[0])).ToHashSet();
        var missing = Pages.Where(p => p != "README.md" && p != Index && !p.StartsWith("src/", StringComparison.Ordinal))
            .Where(p => !listed.Contains(Path.Combine(Fixtures.Repository, p))).ToList();
        Assert.True(missing.Count == 0, $"docs/README.md does not name {string.Join(", ", missing)}");
    }

    [Fact]
    public void Every_sample_is_one_short_file_that_the_list_of_samples_names()
    {
        var list = Page.Read(Samples);
        foreach (var project in Directory.GetFiles(Path.Combine(Fixtures.Repository, "samples"), "*.?sproj", SearchOption.AllDirectories))
        {
            var folder = Path.GetDirectoryName(project)!;
            var name = Path.GetFileName(folder);
            var code = Assert.Single(Directory.GetFiles(folder, "*.?s"));
            Assert.InRange(File.ReadLines(code).Count(), 1, 80);
            Assert.True(list.Contains($"({name}/{Path.GetFileName(code)})", StringComparison.Ordinal), $"{Samples} does not name {name}");
        }
    }

    /// <summary>The relative links of a page, outside its code.</summary>
    private static IEnumerable<string> Links(string page)
        => Link().Matches(Code().Replace(Page.Read(page), "")).Select(m => m.Groups["target"].Value).Where(t => !t.Contains(':'));

    private static bool Exists(string page, string link)
    {
        if (link.Split('#') is not [var path, .. var anchor]) return false;
        var target = path.Length == 0 ? Path.Combine(Fixtures.Repository, page) : Target(page, path);
        if (!File.Exists(target) && !Directory.Exists(target)) return false;
        return anchor is [] || Headings(File.ReadAllText(target).ReplaceLineEndings("\n")).Contains(anchor[0]);
    }

    private static string Target(string page, string path)
        => Path.GetFullPath(Path.Combine(Fixtures.Repository, Path.GetDirectoryName(page)!, path));

    /// <summary>The anchors that GitHub makes of the headings: lower case, without punctuation, hyphens in place of spaces.</summary>
    private static IEnumerable<string> Headings(string text)
        => Heading().Matches(Code().Replace(text, "")).Select(m => m.Groups["text"].Value.Trim().ToLowerInvariant())
            .Select(heading => Punctuation().Replace(heading, "").Replace(' ', '-'));

    [GeneratedRegex(@"\]\((?<target>[^()\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^```.*?^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Code();

    [GeneratedRegex("^#+ (?<text>.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\s-]")]
    private static partial Regex Punctuation();
}
