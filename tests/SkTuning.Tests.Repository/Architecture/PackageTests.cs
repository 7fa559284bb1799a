using System.Text.RegularExpressions;
using System.Xml.Linq;
using SkTuning.Native;
using SkTuning.Tests.Documentation;

namespace SkTuning.Tests.Architecture;

/// <summary>What a package shows to a stranger. <c>eng/check-package.sh</c> checks the packages themselves.</summary>
public sealed partial class PackageTests
{
    public static IEnumerable<TheoryDataRow<string>> Packages()
        => Directory.GetDirectories(Path.Combine(Fixtures.Repository, "src")).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)
            .Where(n => File.Exists(Project(n))).Select(n => new TheoryDataRow<string>(n));

    [Theory, MemberData(nameof(Packages))]
    public void A_package_has_a_page_of_its_own_without_relative_links(string name)
    {
        var page = Path.Combine(Fixtures.Repository, "src", name, "README.md");
        Assert.True(File.Exists(page), $"{name} has no README.md, so that its package shows the page of the repository.");
        var text = File.ReadAllText(page);
        Assert.StartsWith("# ", text);
        Assert.True(text.Length is > 200 and < 5000, $"{text.Length} characters");
        Assert.DoesNotContain("](", text);
    }

    [Theory, MemberData(nameof(Packages))]
    public void A_package_has_a_description_and_is_in_the_solution(string name)
    {
        var project = XDocument.Load(Project(name)).Root!;
        Assert.InRange(project.Descendants("Description").Single().Value.Length, 40, 400);
        Assert.Contains($"{name}.csproj", File.ReadAllText(Path.Combine(Fixtures.Repository, "SkTuning.sln")));
        if (name != "SkTuning.Tool") Assert.Contains("../../eng/Library.props", project.Descendants("Import").Select(i => i.Attribute("Project")?.Value));
    }

    [Fact]
    public void The_icon_is_small_and_the_address_of_the_repository_is_in_one_place()
    {
        Assert.InRange(new FileInfo(Path.Combine(Fixtures.Repository, "eng", "icon", "icon.png")).Length, 500, 20_000);
        foreach (var file in (string[])["Directory.Build.props", "eng/Package.targets", "eng/Library.props"])
            Assert.Equal(file == "Directory.Build.props" ? 1 : 0, Assigned().Count(File.ReadAllText(Path.Combine(Fixtures.Repository, file))));
    }

    [Fact]
    public void The_release_notes_are_about_the_version()
    {
        var properties = XDocument.Load(Path.Combine(Fixtures.Repository, "Directory.Build.props")).Root!;
        var version = $"{properties.Descendants("VersionPrefix").Single().Value}-{properties.Descendants("VersionSuffix").Single().Value}";
        var newest = File.ReadLines(Path.Combine(Fixtures.Repository, "CHANGELOG.md")).First(l => l.StartsWith("## ", StringComparison.Ordinal));
        Assert.StartsWith($"## {version}", newest);
    }

    /// <summary>While there are only previews, a command without <c>--prerelease</c> finds no package.</summary>
    [Fact]
    public void Commands_that_add_a_package_find_previews()
    {
        var commands = Page.Names.SelectMany(n => Page.Read(n).Split('\n').Where(l => Adds().IsMatch(l)).Select(l => $"{n}: {l}")).ToList();
        Assert.True(commands.Count > 15, string.Join('\n', commands));
        Assert.All(commands, c => Assert.Contains("--prerelease", c));
    }

    [Fact]
    public void The_warning_of_the_build_and_the_error_at_run_time_name_the_same_command()
    {
        var targets = File.ReadAllText(Path.Combine(Fixtures.Repository, "src", "SkTuning", "buildTransitive", "SkTuning.targets"));
        Assert.Contains($"Run: dotnet add package libtorch-cpu-$(_SkTuningSystem) --version {LibtorchPackage.Version}\"", targets);
        Assert.Contains("Code=\"SKT0001\"", targets);
    }

    [GeneratedRegex(@"^\s*dotnet (add package|tool install --global) SkTuning")]
    private static partial Regex Adds();

    private static string Project(string name) => Path.Combine(Fixtures.Repository, "src", name, $"{name}.csproj");

    [GeneratedRegex("<SkTuningRepositoryUrl")]
    private static partial Regex Assigned();
}
