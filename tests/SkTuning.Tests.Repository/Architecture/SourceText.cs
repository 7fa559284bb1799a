namespace SkTuning.Tests.Architecture;

/// <summary>The files of the repository that people read.</summary>
internal static class SourceText
{
    private static readonly string[] Generated = ["obj", "bin", "artifacts"];

    /// <summary>Returns all C# files.</summary>
    public static IEnumerable<string> CSharp() => Below(["src", "tests", "bench", "samples"], "*.cs");

    /// <summary>Returns all pages of the documentation.</summary>
    public static IEnumerable<string> Pages()
        => [Path.Combine(Fixtures.Repository, "README.md"), Path.Combine(Fixtures.Repository, "CHANGELOG.md"), .. Below(["docs"], "*.md")];

    /// <summary>Returns the files below folders, in ordinal order.</summary>
    public static IEnumerable<string> Below(IEnumerable<string> folders, string pattern) => folders
        .SelectMany(d => Directory.EnumerateFiles(Path.Combine(Fixtures.Repository, d), pattern, SearchOption.AllDirectories))
        .Where(f => !f.Split(Path.DirectorySeparatorChar).Any(Generated.Contains)).Order(StringComparer.Ordinal);

    /// <summary>Returns the path of a file in the repository.</summary>
    public static string Name(string file) => Path.GetRelativePath(Fixtures.Repository, file);
}
