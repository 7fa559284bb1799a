using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SkTuning.Server.Http;
using SkTuning.Server.Storage;
using SkTuning.Server.Telemetry;
using SkTuning.Serving;

namespace SkTuning.Server.Catalog;

/// <summary>An adapter as callers see it.</summary>
/// <param name="Stored">Its versions.</param>
/// <param name="Served">The active version in the engine; null if there is none, or it cannot be used.</param>
/// <param name="Error">Why the active version cannot be used.</param>
internal sealed record CatalogEntry(StoredName Stored, ServedAdapter? Served, string? Error)
{
    public string Name => Stored.Name;
}

/// <summary>An answered call.</summary>
/// <param name="Adapter">The adapter; its version is the one that answered.</param>
/// <param name="Predictions">The predictions, in the order of the texts.</param>
internal sealed record AnsweredCall(CatalogEntry Adapter, IReadOnlyList<TaskPrediction> Predictions);

/// <summary>
/// The adapters by name. In the engine, each version has a name of its own: a version is loaded before the name refers to it and removed after it does not, so
/// that every call is answered, by exactly the version that the answer names.
/// </summary>
internal sealed class AdapterCatalog(ClassifierEngine engine, AdapterStore store, ClassifierServerOptions options, ILogger logger) : IDisposable
{
    private const int MaxUploads = 4;

    /// <summary>Uploads are held in memory until they are stored: the others wait before they are read.</summary>
    private readonly SemaphoreSlim _changes = new(1), _uploads = new(MaxUploads);
    private volatile ImmutableSortedDictionary<string, CatalogEntry> _entries = ImmutableSortedDictionary.Create<string, CatalogEntry>(StringComparer.Ordinal);

    /// <summary>True after the adapters on disk were loaded.</summary>
    public bool IsReady { get; private set; }

    public IEnumerable<CatalogEntry> Entries => _entries.Values;

    public int Count => _entries.Count;

    /// <summary>Loads the active version of every name on disk. One that cannot be used does not keep the others from being served.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        await _changes.WaitAsync(cancellationToken);
        try
        {
            var (names, others) = store.Names();
            foreach (var name in others) ServerLog.BadName(logger, name, AdapterName.Expected);
            foreach (var name in names.Take(options.MaxAdapters))
            {
                try
                {
                    var stored = store.Read(name);
                    if (stored.Versions.Count == 0) continue;
                    Repair(name);
                    var entry = await LoadActiveAsync(stored, cancellationToken);
                    if (entry.Error is not null) ServerLog.NotServed(logger, name, entry.Error);
                    _entries = _entries.SetItem(name, entry);
                }
                catch (Exception e) when (e is not OperationCanceledException) { ServerLog.NotServed(logger, name, e.Message); }
            }
            if (names.Count > options.MaxAdapters) ServerLog.NotServed(logger, names[options.MaxAdapters], $"there are more than {options.MaxAdapters} names");
        }
        finally { _changes.Release(); }
        IsReady = true;
        ServerLog.Ready(logger, _entries.Values.Count(e => e.Served is not null), clock.ElapsedMilliseconds);
    }

    /// <summary>Returns an adapter.</summary>
    /// <exception cref="RefusedException">There is none of that name.</exception>
    public CatalogEntry Get(string? name)
    {
        // A name is quoted only if it is one: an answer does not repeat what it was sent.
        if (!AdapterName.IsValid(name)) throw BadName();
        return _entries.TryGetValue(name!, out var entry) ? entry : throw new RefusedException(StatusCodes.Status404NotFound, $"There is no adapter '{name}'.");
    }

    /// <summary>Returns an adapter with a version that can be used.</summary>
    public CatalogEntry GetServed(string? name)
    {
        var entry = Get(name);
        if (entry.Served is not null) return entry;
        throw new RefusedException(StatusCodes.Status409Conflict, entry.Error is null ? $"The adapter '{name}' has no active version: activate one."
            : $"The active version of '{name}' cannot be used: {entry.Error}");
    }

    /// <summary>Predicts texts with the active version.</summary>
    public async Task<AnsweredCall> ClassifyAsync(string? name, IReadOnlyList<(string Text, string? Text2)> texts, CancellationToken cancellationToken)
    {
        while (true)
        {
            var entry = GetServed(name);
            try { return new(entry, await engine.ClassifyAsync(entry.Served!.Name, texts, cancellationToken)); }
            catch (UnknownAdapterException) when (Get(name) != entry) { }         // another version was activated meanwhile
        }
    }

    /// <summary>Reads and stores a new version, and activates it if asked to.</summary>
    /// <exception cref="RefusedException">The adapter cannot be used with this base, or there are too many.</exception>
    public async Task<(CatalogEntry Entry, int Version)> UploadAsync(
        string name, Func<Task<AdapterContent>> read, bool activate, CancellationToken cancellationToken)
    {
        await _uploads.WaitAsync(cancellationToken);
        try { return await StoreAsync(name, await read(), activate, cancellationToken); }
        finally { _uploads.Release(); }
    }

    private Task<(CatalogEntry Entry, int Version)> StoreAsync(string name, AdapterContent content, bool activate, CancellationToken cancellationToken)
        => ChangeAsync(async () =>
        {
            if (!AdapterName.IsValid(name)) throw BadName();
            var old = _entries.GetValueOrDefault(name);
            if (old is null && _entries.Count >= options.MaxAdapters)
                throw new RefusedException(StatusCodes.Status409Conflict, $"There are {options.MaxAdapters} adapters already: delete one.");
            if (old?.Stored.Versions.Count >= options.MaxVersions)
                throw new RefusedException(StatusCodes.Status409Conflict, $"The adapter has {options.MaxVersions} versions already: delete one.");
            var version = await Task.Run(() => store.Add(name, content, folder => TunedAdapter.Load(folder, engine.Model).Dispose()), CancellationToken.None);
            ServerLog.Stored(logger, name, version.Number);
            var stored = store.Read(name);
            // A version that is not activated must not become active because no file says which one is.
            var state = stored.State with { Active = old?.Stored.State.Active };
            store.SetState(name, state);
            stored = stored with { State = state };
            var entry = old is null ? new CatalogEntry(stored, null, null) : old with { Stored = stored };
            if (!activate) return (Publish(entry), version.Number);
            try { return (await SwitchAsync(entry, stored, state.With(version.Number), cancellationToken), version.Number); }
            catch
            {
                Publish(entry);                              // it is stored, although it is not active
                throw;
            }
        }, cancellationToken);

    /// <summary>Activates a version, which may have been saved to the folder after the server started.</summary>
    public Task<CatalogEntry> ActivateAsync(string name, int version, CancellationToken cancellationToken) => ChangeAsync(async () =>
    {
        var (known, onDisk) = (Get(name).Stored, store.Read(name));
        var stored = onDisk with { State = known.State with { Last = onDisk.State.Last } };
        if (stored.Versions.All(v => v.Number != version))
            throw new RefusedException(StatusCodes.Status404NotFound, FormattableString.Invariant($"The adapter '{name}' has no version {version}."));
        return await SwitchAsync(Get(name), stored, stored.State.With(version), cancellationToken);
    }, cancellationToken);

    /// <summary>Activates the version again that was active before.</summary>
    public Task<CatalogEntry> RollBackAsync(string name, CancellationToken cancellationToken) => ChangeAsync(async () =>
    {
        var stored = Get(name).Stored;
        var state = stored.State.RolledBack([.. stored.Versions.Select(v => v.Number)])
            ?? throw new RefusedException(StatusCodes.Status409Conflict, $"The adapter '{name}' has no version that was active before.");
        return await SwitchAsync(Get(name), stored, state, cancellationToken);
    }, cancellationToken);

    /// <summary>Deletes a version that is not active.</summary>
    public Task<CatalogEntry> DeleteVersionAsync(string name, int version, CancellationToken cancellationToken) => ChangeAsync(() =>
    {
        var entry = Get(name);
        if (entry.Stored.State.Active == version)
            throw new RefusedException(StatusCodes.Status409Conflict, FormattableString.Invariant($"Version {version} is active: activate another one first."));
        var found = entry.Stored.Versions.FirstOrDefault(v => v.Number == version)
            ?? throw new RefusedException(StatusCodes.Status404NotFound, FormattableString.Invariant($"The adapter '{name}' has no version {version}."));
        // Before the version is gone, its number must be stored as used.
        store.SetState(name, entry.Stored.State);
        AdapterStore.Delete(found);
        ServerLog.VersionDeleted(logger, name, version);
        return Task.FromResult(Publish(entry with { Stored = store.Read(name) }));
    }, cancellationToken);

    /// <summary>Deletes an adapter with all versions.</summary>
    public Task DeleteAsync(string name, CancellationToken cancellationToken) => ChangeAsync(() =>
    {
        var entry = Get(name);
        // If deleting ends halfway, the versions that are left are not served after the next start.
        store.SetState(name, entry.Stored.State with { Active = null, Previous = [] });
        _entries = _entries.Remove(name);
        if (entry.Served is { } served) engine.Remove(served.Name);
        // Before the versions: another adapter of this name must not inherit them.
        store.Corrections(name).Delete(null);
        foreach (var version in entry.Stored.Versions) AdapterStore.Delete(version);
        store.DeleteName(name);
        ServerLog.Deleted(logger, name);
        return Task.FromResult(true);
    }, cancellationToken);

    /// <summary>Keeps a correction, which must fit the active version, and returns the size of all of them.</summary>
    /// <param name="name">The name.</param>
    /// <param name="line">Returns the line to keep.</param>
    /// <param name="cancellationToken">Cancels the wait for other changes.</param>
    /// <exception cref="RefusedException">The correction does not fit, or there is no room for it.</exception>
    public async Task<long> CorrectAsync(string name, Func<ServedAdapter, byte[]> line, CancellationToken cancellationToken)
    {
        await _changes.WaitAsync(cancellationToken);
        try
        {
            return store.Corrections(name).Add(line(GetServed(name).Served!), options.MaxCorrectionBytes)
                ?? throw new RefusedException(StatusCodes.Status409Conflict,
                    $"The corrections of '{name}' have their maximum size: an administrator must fetch and delete them first.");
        }
        finally { _changes.Release(); }
    }

    /// <summary>Opens the corrections of an adapter; null if there are none.</summary>
    public (FileStream File, long Length, string Tag)? Corrections(string name) => store.Corrections(Get(name).Name).Open();

    /// <summary>Deletes the corrections of an adapter. With a tag, only if they still have it; false if they do not.</summary>
    public Task<bool> DeleteCorrectionsAsync(string name, string? tag, CancellationToken cancellationToken)
        => ChangeAsync(() => Task.FromResult(store.Corrections(Get(name).Name).Delete(tag)), cancellationToken);

    public void Dispose()
    {
        _changes.Dispose();
        _uploads.Dispose();
    }

    /// <summary>Serves another version of a name, if it can be used; otherwise nothing changes.</summary>
    private async Task<CatalogEntry> SwitchAsync(CatalogEntry? old, StoredName stored, ActiveVersion state, CancellationToken cancellationToken)
    {
        var next = stored with { State = state };
        if (old is { Served: not null } && old.Stored.State.Active == state.Active) return old;
        var entry = await LoadActiveAsync(next, cancellationToken);
        if (entry.Error is not null) throw new RefusedException(StatusCodes.Status422UnprocessableEntity, entry.Error);
        try { store.SetState(stored.Name, state); }
        catch
        {
            if (entry.Served is { } unused) engine.Remove(unused.Name);
            throw;
        }
        Publish(entry);
        if (old?.Served is { } replaced && replaced.Name != entry.Served?.Name) engine.Remove(replaced.Name);
        if (state.Active is { } active) ServerLog.Activated(logger, stored.Name, active);
        return entry;
    }

    private void Repair(string name)
    {
        try { store.Corrections(name).Repair(); }
        catch (SkTuningException e) { ServerLog.NoCorrections(logger, name, e.Message); }
    }

    private static RefusedException BadName() => new(StatusCodes.Status400BadRequest, $"Expected the name of an adapter: {AdapterName.Expected}.");

    private CatalogEntry Publish(CatalogEntry entry)
    {
        _entries = _entries.SetItem(entry.Name, entry);
        return entry;
    }

    private async Task<CatalogEntry> LoadActiveAsync(StoredName stored, CancellationToken cancellationToken)
    {
        if (stored.State.Active is not { } active) return new(stored, null, null);
        if (stored.Versions.FirstOrDefault(v => v.Number == active) is not { } version)
            return new(stored, null, FormattableString.Invariant($"Version {active} has no files."));
        try
        {
            return new(stored, await engine.LoadAsync(FormattableString.Invariant($"{stored.Name}@{active}"), version.Folder, cancellationToken), null);
        }
        catch (SkTuningException e) { return new(stored, null, AdapterStore.WithoutFolder(e.Message, version.Folder, stored.Name)); }
    }

    private async Task<T> ChangeAsync<T>(Func<Task<T>> change, CancellationToken cancellationToken)
    {
        await _changes.WaitAsync(cancellationToken);
        try { return await change(); }
        catch (SkTuningException e) { throw new RefusedException(StatusCodes.Status422UnprocessableEntity, e.Message, e); }
        finally { _changes.Release(); }
    }
}
