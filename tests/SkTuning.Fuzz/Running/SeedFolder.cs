namespace SkTuning.Fuzz.Running;

/// <summary>The valid inputs on disk: created once by the process that starts the workers, read by each worker.</summary>
internal static class SeedFolder
{
    private const string List = "damaged.list";

    public static void Write(string work, Reader reader)
    {
        var scratch = Path.Combine(work, "scratch", reader.Name);
        Directory.CreateDirectory(scratch);
        var number = 0;
        foreach (var seed in reader.CreateSeeds(scratch))
        {
            var folder = Path.Combine(work, "seeds", reader.Name, $"{number++:D3}-{seed.Name}");
            InputCase.Write(seed.Files, Path.Combine(folder, "files"));
            File.WriteAllLines(Path.Combine(folder, List), seed.Damaged);
        }
    }

    public static IReadOnlyList<Seed> Read(string work, Reader reader)
        => [.. Directory.GetDirectories(Path.Combine(work, "seeds", reader.Name)).Order(StringComparer.Ordinal).Select(folder =>
            Seed.Of(Path.Combine(folder, "files")) with { Name = Path.GetFileName(folder), Damaged = File.ReadAllLines(Path.Combine(folder, List)) })];
}
