namespace SkTuning.Hub;

/// <summary>A model in the hub's cache, as its path names it: <c>models--org--name/snapshots/{commit}</c>, or a file in that folder.</summary>
/// <param name="Name">The name of the repository: org/name.</param>
/// <param name="Commit">The commit.</param>
/// <param name="File">The file, relative to the snapshot; null for the whole folder.</param>
internal sealed record HubSnapshot(string Name, string Commit, string? File)
{
    private const string Start = "models--";

    /// <summary>Returns the model of a path; null if the path is not in a cache of the hub.</summary>
    public static HubSnapshot? Of(string path)
    {
        var parts = Path.GetFullPath(path).Split('/', '\\');
        for (var i = parts.Length - 3; i >= 0; i--)
        {
            if (!parts[i].StartsWith(Start, StringComparison.Ordinal) || parts[i + 1] != "snapshots" || !HubRepository.IsCommit(parts[i + 2])) continue;
            var file = string.Join('/', parts[(i + 3)..].Where(p => p.Length > 0));
            return new(parts[i][Start.Length..].Replace("--", "/", StringComparison.Ordinal), parts[i + 2], file.Length == 0 ? null : file);
        }
        return null;
    }

    /// <summary>Returns the path of a model in the cache of this machine, without a request to the hub; null if it was not downloaded.</summary>
    /// <param name="name">The name of the repository: org/name.</param>
    /// <param name="revision">A branch, a tag or a commit.</param>
    /// <param name="file">The GGUF file in the repository; null for the whole folder.</param>
    /// <exception cref="SkTuningException">The name or the revision cannot be one of the hub.</exception>
    public static string? Find(string name, string revision = "main", string? file = null)
    {
        var cache = new HubCache(HubSettings.FromEnvironment().Cache, new(name, revision), links: true);
        if (cache.Commit() is not { } commit) return null;
        var found = file is null ? cache.Snapshot(commit) : cache.Pointer(commit, file);
        return file is null || HubCache.IsFile(found) ? found : null;
    }
}
