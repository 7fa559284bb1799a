using SkTuning.Hub;

namespace SkTuning.Adapters;

/// <summary>
/// Where the base of an adapter was found when the adapter was saved: the default of programs that are started without a model. The fingerprint alone decides
/// whether a model is the right one.
/// </summary>
/// <remarks>
/// Adapters are shared, so that adapter.json has no absolute path: it may contain the names of people and machines, and leads nowhere on another machine.
/// </remarks>
internal sealed record BaseSource
{
    /// <summary>The name on the Hugging Face hub: org/name.</summary>
    public string? Hub { get; init; }

    /// <summary>The commit of the hub's repository.</summary>
    public string? Revision { get; init; }

    /// <summary>The GGUF file in the hub's repository, if the base is one.</summary>
    public string? File { get; init; }

    /// <summary>The path of the base: absolute in a program, and relative to the adapter's folder, with slashes, in adapter.json.</summary>
    public string? Path { get; init; }

    /// <summary>Returns where a model is; null if nothing leads back to it, because its weights were replaced by random ones.</summary>
    /// <param name="model">The model.</param>
    /// <param name="before">What an adapter of the same model says about it.</param>
    public static BaseSource? Of(FrozenModel model, BaseSource? before = null)
    {
        if (model.Describe().RandomWeights is not null) return null;
        return HubSnapshot.Of(model.Path) is { } snapshot ? new() { Hub = snapshot.Name, Revision = snapshot.Commit, File = snapshot.File }
            : (before ?? new()) with { Path = System.IO.Path.GetFullPath(model.Path) };
    }

    /// <summary>Returns what an adapter in a folder says about its base; null if that is nothing.</summary>
    /// <param name="folder">The adapter's folder.</param>
    public BaseSource? In(string folder)
    {
        var stored = this with { Path = Path is { } path ? Relative(System.IO.Path.GetFullPath(folder), path) : null };
        return stored == new BaseSource() ? null : stored;
    }

    /// <summary>Returns the path of the base on this machine; null if none is stored.</summary>
    /// <param name="folder">The adapter's folder.</param>
    public string? PathFrom(string folder) => Path is { } path ? System.IO.Path.GetFullPath(System.IO.Path.Combine(folder, path)) : null;

    /// <summary>Checks values that were read from a file, which somebody else may have written.</summary>
    /// <param name="file">The file, for messages.</param>
    /// <exception cref="SkTuningFileException">A value is not what this class writes.</exception>
    public void Check(string file)
    {
        if (Path is { } path && (path.Length == 0 || System.IO.Path.IsPathRooted(path) || path.Any(c => c is '\\' or ':' || char.IsControl(c))))
            throw SkTuningException.BadFile(file, "baseSource.path", "not a path that this library writes",
                "a path relative to the adapter's folder, with slashes");
        if (Hub is null) return;
        try
        {
            _ = new HubRepository(Hub, Revision ?? "main");
            if (File is not null) HubListing.Safe(file, File);
        }
        catch (SkTuningException e)
        {
            throw SkTuningException.BadFile(file, "baseSource", "not a model of the hub",
            "org/name, a commit and a file", e.Message, e);
        }
    }

    /// <summary>
    /// Returns a path relative to a folder. Null if they have only the root of the disk in common, or the model belongs to the program, such as
    /// the model of a package: it is elsewhere after an update.
    /// </summary>
    private static string? Relative(string folder, string path)
    {
        if (IsIn(AppContext.BaseDirectory, path)) return null;
        var relative = System.IO.Path.GetRelativePath(folder, path).Replace('\\', '/');
        var up = relative.Split('/').TakeWhile(p => p == "..").Count();
        var depth = System.IO.Path.TrimEndingDirectorySeparator(folder).Split('/', '\\').Length - 1;
        return System.IO.Path.IsPathRooted(relative) || up >= depth || relative.Any(c => c == ':' || char.IsControl(c)) ? null : relative;
    }

    private static bool IsIn(string folder, string path) => !System.IO.Path.GetRelativePath(folder, path).StartsWith("..", StringComparison.Ordinal)
        && !System.IO.Path.IsPathRooted(System.IO.Path.GetRelativePath(folder, path));
}
