namespace SkTuning.Hub;

/// <summary>Downloads the files of one model from the hub into the cache, each complete and checked.</summary>
internal sealed class HubClient : IDisposable
{
    private const int MaxListingBytes = 64 << 20;

    private readonly HubSettings _settings;
    private readonly HubRepository _repository;
    private readonly string? _gguf;
    private readonly HubReport _report;
    private readonly HubHttp _http;
    private readonly HubCache _cache;

    private HubClient(HubSettings settings, HubRepository repository, string? gguf, IProgress<HubProgress>? progress)
    {
        (_settings, _repository, _gguf) = (settings, repository, gguf);
        _report = new(progress);
        _http = new(settings, _report);
        _cache = new(settings.Cache, repository, settings.Links);
    }

    /// <returns>The model's folder in the cache, or the GGUF file in it.</returns>
    public static async Task<string> Get(
        HubSettings settings, HubRepository repository, string? gguf, IProgress<HubProgress>? progress, CancellationToken cancellationToken)
    {
        using var client = new HubClient(settings, repository, gguf, progress);
        try
        {
            var commit = settings.Offline
                ? client.Cached("HF_HUB_OFFLINE is set", cancellationToken)
                : await client.Download(cancellationToken).ConfigureAwait(false);
            return gguf is null ? client._cache.Snapshot(commit) : client._cache.Pointer(commit, gguf);
        }
        catch (HubUnreachableException e) { throw new SkTuningException($"{repository}: {e.Message}.", e); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw HubErrors.Disk(e, settings.Cache); }
    }

    public void Dispose() => _http.Dispose();

    private async Task<string> Download(CancellationToken cancellationToken)
    {
        HubListing listing;
        try { listing = await List(patient: _cache.Commit() is null, cancellationToken).ConfigureAwait(false); }
        catch (HubUnreachableException e) when (_cache.Commit() is not null)
        {
            _report.Say(HubStep.Unreachable);
            return Cached(e.Message, cancellationToken);
        }
        var files = ModelFiles.Needed(_repository.ToString(), listing.Files, _gguf).ToList();
        for (var i = 0; i < files.Count; i++)
        {
            _report.Begin(files[i], i + 1, files.Count);
            await Ensure(listing.Commit, files[i], cancellationToken).ConfigureAwait(false);
            if (ModelFiles.IsIndex(files[i])) files.AddRange(Shards(listing, files[i]));
        }
        // Last, so that a revision only ever points to a complete download.
        _cache.Remember(listing.Commit);
        return listing.Commit;
    }

    private async Task<HubListing> List(bool patient, CancellationToken cancellationToken)
    {
        var uri = new Uri($"{_settings.Endpoint}/api/models/{_repository.Name}/revision/{Uri.EscapeDataString(_repository.Revision)}");
        using var answer = await _http.Send(HttpMethod.Get, uri, 0, patient, cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode) throw HubErrors.Refused(answer, _settings, _repository, null);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_settings.StallTime);
        try
        {
            await answer.Content.LoadIntoBufferAsync(MaxListingBytes, limit.Token).ConfigureAwait(false);
            return HubListing.Read(_repository.ToString(), await answer.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw SkTuningException.BadFile(
                _repository.ToString(), null, "a list of files of more than 64 MB", "the hub's list of files", "Is HF_ENDPOINT the address of a hub?", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new HubUnreachableException($"the list of files from {uri.Host} was truncated. Try again later", e);
        }
    }

    private IEnumerable<string> Shards(HubListing listing, string index)
    {
        var shards = ModelFiles.Shards(_cache.Pointer(listing.Commit, index));
        return shards.FirstOrDefault(s => !listing.Files.Contains(s)) is { } missing
            ? throw SkTuningException.BadFile(_repository.ToString(), missing, "missing", $"a file of the repository, because {index} names it") : shards;
    }

    /// <summary>Downloads the snapshot's file, unless it is there and its content is right.</summary>
    private async Task Ensure(string commit, string name, CancellationToken cancellationToken)
    {
        var pointer = _cache.Pointer(commit, name);
        if (!HubCache.IsFile(pointer) || _cache.Etag(commit, name) is not { } known || !Checksum.Matches(pointer, known, _report, cancellationToken))
        {
            var file = await HubFile.Ask(_http, _settings, _repository, commit, name, cancellationToken).ConfigureAwait(false);
            using var exclusive = await BlobLock.Take(_cache.Lock(file.Etag), _report, cancellationToken).ConfigureAwait(false);
            await Fetch(commit, file, pointer, cancellationToken).ConfigureAwait(false);
        }
        _report.Ready(HubCache.Length(pointer));
    }

    private async Task Fetch(string commit, HubFile file, string pointer, CancellationToken cancellationToken)
    {
        var blob = _cache.Blob(file.Etag);
        if (HubCache.IsFile(pointer) && Checksum.Matches(pointer, file.Etag, _report, cancellationToken))
        {
            _cache.Record(commit, file.Name, file.Etag);
            return;
        }
        var fresh = false;
        if (!HubCache.IsFile(blob) || !Checksum.Matches(blob, file.Etag, _report, cancellationToken))
        {
            if (HubCache.IsFile(pointer) || HubCache.IsFile(blob)) _report.Say(HubStep.Changed);
            var incomplete = _cache.Incomplete(file.Etag);
            await new BlobDownload(_http, _settings, _repository, _report).Run(file, incomplete, cancellationToken).ConfigureAwait(false);
            File.Move(incomplete, blob, overwrite: true);
            fresh = true;
        }
        _cache.Place(commit, file.Name, file.Etag, fresh);
    }

    /// <summary>The commit in the cache, whose files must all be there and unchanged.</summary>
    private string Cached(string why, CancellationToken cancellationToken)
    {
        var advice = $"{why}; the cache contains a model only after a complete download.";
        var commit = _cache.Commit()
            ?? throw SkTuningException.BadFile(_cache.Folder, null, $"no {_repository.Revision}", $"the downloaded model {_repository}", advice);
        var cached = _cache.Files(commit);
        var files = ModelFiles.Needed(_cache.Snapshot(commit), cached, _gguf).ToList();
        for (var i = 0; i < files.Count; i++)
        {
            _report.Begin(files[i], i + 1, files.Count);
            if (!cached.Contains(files[i])) throw SkTuningException.BadFile(_cache.Snapshot(commit), files[i], "missing", "a file of the model", advice);
            var pointer = _cache.Pointer(commit, files[i]);
            if (_cache.Etag(commit, files[i]) is { } known && Checksum.Of(pointer, known, _report, cancellationToken) is var found && found != known)
                throw SkTuningException.BadFile(
                    pointer, Checksum.Kind(known), found, known,
                    $"The file was changed on disk after it was downloaded. {why}; "
                    + "download the model again when the hub can be reached, which replaces the file.");
            if (ModelFiles.IsIndex(files[i])) files.AddRange(ModelFiles.Shards(pointer));
            _report.Ready(HubCache.Length(pointer));
        }
        return commit;
    }
}
