using SkTuning.Adapters;
using SkTuning.Hub;

namespace SkTuning.Tool.Commands;

/// <summary>
/// Finds the base that an adapter remembers, for commands without --model. Nothing is downloaded: an adapter that somebody else made must not cause requests
/// that the user did not ask for.
/// </summary>
/// <param name="Path">The path of the base.</param>
/// <param name="Name">The name to show: that on the hub, or the path.</param>
internal sealed record RememberedBase(string Path, string Name)
{
    /// <summary>Returns the base of an adapter; null if the adapter remembers none.</summary>
    /// <param name="adapter">The folder of the adapter.</param>
    /// <exception cref="SkTuningException">The adapter cannot be read, or its base is not on this machine.</exception>
    public static RememberedBase? Of(string adapter)
        => AdapterFolder.ReadFile(adapter).BaseSource is { } source ? Found(source, adapter) ?? throw Missing(source, adapter) : null;

    /// <summary>Returns the base of the adapters in the folder of a server; null if none of them remembers one.</summary>
    /// <param name="folder">The folder with NAME/adapter.json or NAME/VERSION/adapter.json.</param>
    /// <exception cref="SkTuningException">The adapters remember different bases, or none of these is on this machine.</exception>
    public static RememberedBase? OfAll(string folder)
    {
        var sources = Adapters(folder, depth: 2).Select(f => (Folder: f, Source: SourceOf(f))).Where(s => s.Source is not null).ToList();
        var found = sources.Select(s => Found(s.Source!, s.Folder)).OfType<RememberedBase>().DistinctBy(b => b.Path, StringComparer.Ordinal).ToList();
        return found.Count > 1
            ? throw new SkTuningException($"{folder}: the adapters were trained on different models: {string.Join(", ", found.Select(b => b.Name))}. "
                + "Specify the one to serve with --model.")
            : found is [var only] ? only : sources is [var first, ..] ? throw Missing(first.Source!, first.Folder) : null;
    }

    private static IEnumerable<string> Adapters(string folder, int depth)
    {
        if (!Directory.Exists(folder)) yield break;
        foreach (var inner in Directory.EnumerateDirectories(folder).Where(d => System.IO.Path.GetFileName(d)[0] != '.').Order(StringComparer.Ordinal))
        {
            if (File.Exists(System.IO.Path.Combine(inner, AdapterFolder.DefinitionFile))) yield return inner;
            else if (depth > 1)
                foreach (var deeper in Adapters(inner, depth - 1)) yield return deeper;
        }
    }

    /// <summary>What a definition says. One that cannot be read is the server's to report.</summary>
    private static BaseSource? SourceOf(string adapter)
    {
        var file = System.IO.Path.Combine(adapter, AdapterFolder.DefinitionFile);
        try { return AdapterFile.Parse(InputFile.ReadAllText(file), file).BaseSource; }
        catch (SkTuningException) { return null; }
    }

    private static RememberedBase? Found(BaseSource source, string adapter)
    {
        if (source.PathFrom(adapter) is { } path && (File.Exists(path) || Directory.Exists(path))) return new(path, source.Hub ?? path);
        return source.Hub is { } hub && HubSnapshot.Find(hub, source.Revision ?? "main", source.File) is { } cached ? new(cached, hub) : null;
    }

    private static SkTuningException Missing(BaseSource source, string adapter)
    {
        if (source.Hub is not { } hub)
            return new($"{adapter}: the adapter was trained on a model in {source.PathFrom(adapter)}, which is not there. Specify its model with --model.");
        var get = $"sktuning model get {hub}{(source.Revision is { } revision ? $" --revision {revision}" : "")}"
            + (source.File is { } file ? $" --gguf {file}" : "");
        return new($"{adapter}: the adapter was trained on {hub}, which is not in the cache of downloaded models. "
            + $"Download it ({get}), or specify it with --model.");
    }
}
