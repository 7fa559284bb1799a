namespace SkTuning.Fuzz.Readers;

/// <summary>The files of the repository that valid inputs are made from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string MicroModel { get; } = Fixture("cases", "micro-model");

    public static string Fixture(params string[] parts) => Path.Combine([Root, "tests", "fixtures", .. parts]);

    /// <summary>The folders of a kind of fixture, in a fixed order.</summary>
    public static IEnumerable<string> Folders(string kind) => Directory.GetDirectories(Fixture(kind)).Order(StringComparer.Ordinal);

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "SkTuning.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new SkTuningException("The program runs inside the repository.");
    }
}
