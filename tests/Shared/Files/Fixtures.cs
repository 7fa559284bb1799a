namespace SkTuning.Tests;

/// <summary>
/// Fixture folders: <c>tests/fixtures</c> of the repository, or the folder named by SKTUNING_FIXTURES (same layout). Every fixture test runs on
/// whatever it finds there.
/// </summary>
internal static partial class Fixtures
{
    public static string Repository { get; } = FindRepository();

    public static string Root { get; } = Environment.GetEnvironmentVariable("SKTUNING_FIXTURES") is { Length: > 0 } chosen ? chosen
        : Path.Combine(Repository, "tests", "fixtures");

    /// <summary>A folder of things that are not in the repository, beside it; tests that need it are skipped where it is absent.</summary>
    public static string Shared { get; } = Path.GetFullPath(Path.Combine(Repository, "..", "shared"));

    public static string Tiny { get; } = Path.Combine(Repository, "assets", "models", "tiny");

    /// <summary>The path of an input that once went wrong.</summary>
    public static string Case(string name) => Path.Combine(Repository, "tests", "fixtures", "cases", name);

    /// <summary>A Llama of 2 layers and 22 words with random weights, 40 KB.</summary>
    public static string MicroModel => Case("micro-model");

    /// <summary>The names of the folders under <paramref name="kind"/> that hold all of <paramref name="files"/>.</summary>
    public static IEnumerable<string> Folders(string kind, params string[] files)
    {
        var root = Path.Combine(Root, kind);
        return !Directory.Exists(root) ? [] : Directory.GetDirectories(root).Where(f => files.All(n => File.Exists(Path.Combine(f, n))))
            .Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal);
    }

    public static void SkipWithout(string path) => Assert.SkipUnless(Path.Exists(path), $"{Path.GetRelativePath(Repository, path)} is not here");

    private static string FindRepository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "SkTuning.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests run inside the repository.");
    }
}
