using System.Globalization;
using SkTuning.Adapters;

namespace SkTuning.Server.Storage;

/// <summary>A version of an adapter on disk.</summary>
/// <param name="Number">The number, from 1; 0 for an adapter that is in the folder of the name itself, where training can save it.</param>
/// <param name="Folder">The folder of its files.</param>
/// <param name="Created">When it was written.</param>
/// <param name="Bytes">The size of its tensors.</param>
internal sealed record StoredVersion(int Number, string Folder, DateTime Created, long Bytes);

/// <summary>An adapter on disk.</summary>
/// <param name="Name">The name.</param>
/// <param name="Versions">Its versions, in the order of their numbers.</param>
/// <param name="State">Which one is served.</param>
internal sealed record StoredName(string Name, IReadOnlyList<StoredVersion> Versions, ActiveVersion State);

/// <summary>
/// The folder of adapters: <c>NAME/VERSION/adapter.*</c>, <c>NAME/active.json</c> and <c>NAME/corrections.jsonl</c>. Only the product's own files are written
/// and deleted. One change at a time: callers take turns.
/// </summary>
internal sealed class AdapterStore
{
    private static readonly FolderContent Content = new("an adapter", [AdapterFolder.TensorFile, AdapterFolder.DefinitionFile], _ => { });

    private readonly string _folder;

    /// <exception cref="SkTuningException">The folder cannot be created.</exception>
    public AdapterStore(string folder)
    {
        _folder = Path.GetFullPath(folder);
        FileAccessErrors.Explain(_folder, () => { Directory.CreateDirectory(_folder); });
    }

    /// <summary>Returns the names in the folder that can be used, and those that cannot.</summary>
    public (IReadOnlyList<string> Usable, IReadOnlyList<string> Others) Names() => FileAccessErrors.Explain(_folder, () =>
    {
        var names = Directory.GetDirectories(_folder).Select(d => Path.GetFileName(d)).Where(n => n[0] != '.').Order(StringComparer.Ordinal)
            .ToLookup(AdapterName.IsValid);
        return ((IReadOnlyList<string>)[.. names[true]], (IReadOnlyList<string>)[.. names[false]]);
    });

    /// <summary>Reads which versions a name has and which is active: without a file that says so, the latest.</summary>
    public StoredName Read(string name)
    {
        var folder = FolderOf(name);
        return FileAccessErrors.Explain(folder, () =>
        {
            var versions = Numbers(folder).Prepend(0).Select(n => VersionAt(n, n == 0 ? folder : Path.Combine(folder, Text(n))))
                .OfType<StoredVersion>().ToList();
            var state = ActiveVersion.Read(folder) ?? new() { Active = versions.Count == 0 ? null : versions[^1].Number };
            return new StoredName(name, versions, state with { Last = Math.Max(state.Last, Numbers(folder) is [.., var last] ? last : 0) });
        });
    }

    /// <summary>Writes a new version, which appears complete and checked or not at all, and returns it.</summary>
    /// <param name="name">The name.</param>
    /// <param name="content">The files.</param>
    /// <param name="check">Refuses the files in the folder that it receives.</param>
    /// <exception cref="SkTuningException">The version is refused, or cannot be written.</exception>
    public StoredVersion Add(string name, AdapterContent content, Action<string> check)
    {
        content.Check();
        var folder = FolderOf(name);
        var isNew = !Directory.Exists(folder);
        var number = (isNew ? 0 : Read(name).State.Last) + 1;
        var target = Path.Combine(folder, Text(number));
        try
        {
            AtomicFolder.Write(target, Content, staging =>
            {
                Write(Path.Combine(staging, AdapterFolder.DefinitionFile), content.Definition);
                Write(Path.Combine(staging, AdapterFolder.TensorFile), content.Tensors);
                try { check(staging); }
                catch (SkTuningException e) { throw new SkTuningException(WithoutFolder(e.Message, staging, name), e); }
            });
        }
        catch when (isNew)
        {
            RemoveIfEmpty(folder);
            throw;
        }
        return VersionAt(number, target)!;
    }

    /// <summary>Returns a message without the path of a folder, which callers need not know.</summary>
    public static string WithoutFolder(string message, string folder, string name)
        => message.Replace(folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal).Replace(folder, name, StringComparison.Ordinal);

    /// <summary>Changes which version is served.</summary>
    public void SetState(string name, ActiveVersion state) => state.Write(FolderOf(name));

    /// <summary>Returns the corrections of a name, which its versions share.</summary>
    public CorrectionFile Corrections(string name) => new(FolderOf(name));

    /// <summary>Deletes the files of a version.</summary>
    public static void Delete(StoredVersion version) => FileAccessErrors.Explain(version.Folder, () =>
    {
        // Without its tensors, it is no version.
        File.Delete(Path.Combine(version.Folder, AdapterFolder.TensorFile));
        File.Delete(Path.Combine(version.Folder, AdapterFolder.DefinitionFile));
        if (version.Number > 0) RemoveIfEmpty(version.Folder);
    });

    /// <summary>Deletes a name without versions. The files of others stay.</summary>
    public void DeleteName(string name) => FileAccessErrors.Explain(FolderOf(name), () =>
    {
        var folder = FolderOf(name);
        if (Directory.EnumerateFileSystemEntries(folder).Any(e => Path.GetFileName(e) != ActiveVersion.FileName)) return;
        File.Delete(Path.Combine(folder, ActiveVersion.FileName));
        RemoveIfEmpty(folder);
    });

    private static void Write(string file, ReadOnlyMemory<byte> content)
    {
        using var stream = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        stream.Write(content.Span);
    }

    private static StoredVersion? VersionAt(int number, string folder)
    {
        var tensors = new FileInfo(Path.Combine(folder, AdapterFolder.TensorFile));
        return tensors.Exists ? new(number, folder, tensors.LastWriteTimeUtc, tensors.Length) : null;
    }

    /// <summary>The numbers of versions in a folder, also of ones without files.</summary>
    private static IReadOnlyList<int> Numbers(string folder)
        => [.. Directory.GetDirectories(folder).Select(d => Path.GetFileName(d))
            .Select(n => int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 && Text(number) == n ? number : 0)
            .Where(n => n > 0).Order()];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static void RemoveIfEmpty(string folder)
    {
        if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any()) Directory.Delete(folder);
    }

    private string FolderOf(string name)
        => AdapterName.IsValid(name) ? Path.Combine(_folder, name) : throw new SkTuningException($"'{name}' is not a name, expected {AdapterName.Expected}.");
}
