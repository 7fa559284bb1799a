using System.Text.Json;
using SkTuning.Fuzz.Mutation;

namespace SkTuning.Fuzz.Running;

/// <summary>One input: a valid one with damage that follows from seed, reader and index.</summary>
internal sealed record InputCase(string Seed, IReadOnlyDictionary<string, byte[]> Files, IReadOnlyList<string> Log)
{
    /// <summary>Larger files are cut: the memory of a file of hundreds of megabytes says nothing about its damage.</summary>
    private const int MaxBytes = 8 << 20;

    /// <summary>Whether nothing was changed: the first input of each seed is the valid one.</summary>
    public bool IsIntact => Log.Count == 0;

    public static InputCase Create(Reader reader, IReadOnlyList<Seed> seeds, ulong seed, int index)
    {
        if (index < seeds.Count) return new(seeds[index].Name, seeds[index].Files, []);
        var random = Random64.Of(seed, reader.Name, index);
        var chosen = random.Pick(seeds);
        var (files, log) = (new Dictionary<string, byte[]>(chosen.Files), new List<string>());
        for (var count = random.OneIn(8) && chosen.Damaged.Count > 1 ? 2 : 1; count > 0; count--)
        {
            var file = random.Pick(chosen.Damaged);
            var times = random.Next(5) switch { 0 => 2, 1 => 2 + random.Next(3), _ => 1 };
            for (var i = 0; i < times; i++)
            {
                var lines = new List<string>();
                files[file] = Damage(random.Pick(reader.MutatorsOf(file)), files[file], random, lines);
                if (files[file].Length > MaxBytes) files[file] = files[file][..MaxBytes];
                log.Add($"{file}: {string.Join("; ", lines)}");
            }
        }
        return new(chosen.Name, files, log);
    }

    /// <summary>Damages a file as bytes where earlier damage has made it unreadable for its own mutator.</summary>
    private static byte[] Damage(Mutator mutator, byte[] content, Random64 random, List<string> log)
    {
        try { return mutator.Damage(content, random, log); }
        catch (Exception e) when (e is InvalidOperationException or JsonException or ArgumentException or FormatException)
        {
            return ByteMutator.Instance.Damage(content, random, log);
        }
    }

    /// <summary>Writes the files into a folder, which is created or emptied.</summary>
    public static void Write(IReadOnlyDictionary<string, byte[]> files, string folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        foreach (var (name, content) in files)
        {
            var path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, content);
        }
    }
}
