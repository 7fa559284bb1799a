using System.Text.RegularExpressions;

namespace SkTuning.Tests.Documentation;

/// <summary>
/// The public types of the packages, as PublicAPI.*.txt record them: each one has a use that a reader of the documentation finds. A page uses a type if its
/// code names it: a block of C#, or words between backticks.
/// </summary>
public sealed partial class PublicTypesTests(ITestOutputHelper output)
{
    [Fact]
    public void Every_public_type_is_used_in_the_documentation_or_in_a_sample()
    {
        var code = string.Join('\n', [.. Page.Names.Select(Page.Code), .. Samples()]);
        var unused = new List<string>();
        foreach (var package in Packages())
        {
            var types = Api(package).Where(line => TypeName().IsMatch(line)).Distinct().ToList();
            output.WriteLine($"{Path.GetFileName(package)}: {types.Count} public types");
            unused.AddRange(types.Where(t => !IsNamed(t, code)).Select(t => $"{Path.GetFileName(package)}: {t}"));
        }
        Assert.True(unused.Count == 0,
            $"No page and no sample uses these public types. Show each one in docs/, or make it internal:\n{string.Join('\n', unused)}");
    }

    [Fact]
    public void No_public_signature_contains_a_type_of_TorchSharp()
        => Assert.DoesNotContain(Packages().SelectMany(Api), line => line.Contains("TorchSharp", StringComparison.Ordinal));

    /// <summary>True if the code names the type; a generic one with its type arguments.</summary>
    private static bool IsNamed(string type, string code)
    {
        var isGeneric = type.Contains('<');
        var name = type.Split('<')[0].Split('.')[^1];
        return Regex.IsMatch(code, $@"\b{Regex.Escape(name)}{(isGeneric ? "<" : @"\b(?!<)")}");
    }

    private static IEnumerable<string> Packages()
        => Directory.GetDirectories(Path.Combine(Fixtures.Repository, "src"))
            .Where(d => File.Exists(Path.Combine(d, "PublicAPI.Unshipped.txt"))).Order(StringComparer.Ordinal);

    /// <summary>The lines of a package's API: one for each type, and one for the signature of each member.</summary>
    private static IEnumerable<string> Api(string package)
        => Directory.GetFiles(package, "PublicAPI.*.txt").SelectMany(File.ReadAllLines).Where(line => line.Length > 0 && !line.StartsWith('#'));

    private static IEnumerable<string> Samples()
        => Directory.GetFiles(Path.Combine(Fixtures.Repository, "samples"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText);

    /// <summary>A line that is a type: a name, with type parameters if it has any, and nothing else.</summary>
    [GeneratedRegex(@"^[\w.]+(<[\w, ]+>)?$")]
    private static partial Regex TypeName();
}
