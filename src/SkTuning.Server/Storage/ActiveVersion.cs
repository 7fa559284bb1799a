using System.Text.Json;
using System.Text.Json.Serialization;

namespace SkTuning.Server.Storage;

/// <summary>The file that names the version of an adapter that is served.</summary>
internal sealed record ActiveVersion
{
    public const string FileName = "active.json";
    private const int MaxBytes = 1 << 16, MaxPrevious = 20;

    /// <summary>The version that is served; null for none.</summary>
    public int? Active { get; init; }

    /// <summary>The versions that were active before, the latest first.</summary>
    public IReadOnlyList<int> Previous { get; init; } = [];

    /// <summary>The highest number that a version has had: the number of a version that was deleted is not used again.</summary>
    public int Last { get; init; }

    /// <summary>Returns the file after another version was activated.</summary>
    public ActiveVersion With(int version)
        => Active == version ? this : this with { Active = version, Previous = Active is { } now ? [now, .. Previous.Take(MaxPrevious - 1)] : Previous };

    /// <summary>Returns the file after the version before the active one was activated again, or null if there is none among the ones that exist.</summary>
    public ActiveVersion? RolledBack(IReadOnlyList<int> existing)
    {
        var at = 0;
        while (at < Previous.Count && (Previous[at] == Active || !existing.Contains(Previous[at]))) at++;
        return at == Previous.Count ? null : this with { Active = Previous[at], Previous = [.. Previous.Skip(at + 1)] };
    }

    /// <summary>Reads the file of an adapter, or returns null if it has none.</summary>
    /// <exception cref="SkTuningException">The file is damaged.</exception>
    public static ActiveVersion? Read(string folder)
    {
        var file = Path.Combine(folder, FileName);
        if (!File.Exists(file)) return null;
        try { return JsonInput.Deserialize(InputFile.ReadAllBytes(file, MaxBytes), file, ActiveVersionJson.Default.ActiveVersion); }
        catch (JsonException e)
        {
            throw SkTuningException.BadFile(file, e.Path, "not valid", "the numbers of versions", "Delete the file to serve the latest version.", e);
        }
    }

    /// <summary>Replaces the file of an adapter.</summary>
    public void Write(string folder)
    {
        var json = JsonSerializer.Serialize(this, ActiveVersionJson.Default.ActiveVersion);
        AtomicFile.WriteText(Path.Combine(folder, FileName), json + "\n", keepLink: false);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ActiveVersion))]
internal sealed partial class ActiveVersionJson : JsonSerializerContext;
