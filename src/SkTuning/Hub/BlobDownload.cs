using System.Net;

namespace SkTuning.Hub;

/// <summary>
/// Downloads one file to {blob}.incomplete, resumes after a lost connection (in this run or an earlier one) and checks the complete file.
/// </summary>
internal sealed class BlobDownload(HubHttp http, HubSettings settings, HubRepository repository, HubReport report)
{
    private const int BufferSize = 128 * 1024;

    /// <summary>The maximum size in bytes of a file whose size is unknown: such files are small texts that came through a proxy.</summary>
    private const long MaxUnknownSize = 64 << 20;

    /// <summary>The maximum number of consecutive connections that end without a new byte.</summary>
    private const int MaxIdleTries = 5;

    /// <summary>On return, the file is complete and has the expected checksum. On failure it is kept for the next run, unless its content is wrong.</summary>
    public async Task Run(HubFile file, string incomplete, CancellationToken cancellationToken)
    {
        for (var fresh = false; ; fresh = true)
        {
            var start = await Fetch(file, incomplete, cancellationToken).ConfigureAwait(false);
            var found = Checksum.Of(incomplete, file.Etag, report, cancellationToken);
            if (found == file.Etag) return;
            File.Delete(incomplete);
            // The rest of an earlier run may have been damaged on this disk; after a fresh download, the server is at fault.
            if (start == 0 || fresh)
                throw SkTuningException.BadFile(
                    $"{repository} {file.Name}", Checksum.Kind(file.Etag), found, file.Etag,
                    "The downloaded file is not the one that the hub describes; it was deleted. Try again, or check the proxy.");
        }
    }

    /// <returns>The number of bytes that an earlier run had left.</returns>
    private async Task<long> Fetch(HubFile file, string incomplete, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(incomplete)!);
        using var target = OwnFile.OpenOrCreate(incomplete, FileAccess.Write, bufferSize: 0);
        if (target.Length > file.Size) target.SetLength(0);
        var start = target.Length;
        if (settings.FreeSpace(Path.GetDirectoryName(incomplete)!) is { } free && file.Size - start > free)
            throw HubErrors.NoSpace(settings.Cache, $"{file.Size - start} bytes of {repository} {file.Name}", $"{free} bytes free");
        report.Size(file.Size);
        var (longest, idle, size) = (start, 0, file.Size);
        while (size is null || target.Length < size)
        {
            (var ended, size) = await Receive(file, size, target, cancellationToken).ConfigureAwait(false);
            if (ended && (size is null || target.Length == size)) break;
            idle = target.Length > longest ? 0 : idle + 1;
            longest = Math.Max(longest, target.Length);
            if (idle > MaxIdleTries)
                throw new SkTuningException(
                    $"{repository} {file.Name}: the connection was lost {idle} times without a new byte, at {target.Length} of {size} bytes. "
                    + "Try again; the bytes already received are kept.");
            report.Say(HubStep.Waiting, target.Length);
            await Task.Delay(settings.FirstWait * idle, cancellationToken).ConfigureAwait(false);
        }
        target.Flush(flushToDisk: true);
        report.Bytes(HubStep.Downloading, target.Length);
        return start;
    }

    /// <summary>Makes one request and appends the bytes that it receives.</summary>
    /// <returns>Whether the body was received to its end, and the file's size if it is known.</returns>
    private async Task<(bool Ended, long? Size)> Receive(HubFile file, long? size, FileStream target, CancellationToken cancellationToken)
    {
        using var answer = await http.Send(HttpMethod.Get, file.Uri, target.Length, patient: true, cancellationToken).ConfigureAwait(false);
        if (answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            target.SetLength(0);
            return (false, size);
        }
        if (!answer.IsSuccessStatusCode) throw HubErrors.Refused(answer, settings, repository, file.Name);
        var (range, length) = (answer.Content.Headers.ContentRange, answer.Content.Headers.ContentLength);
        var announced = range?.Length ?? (range is null ? length : null);
        if (size is not null && announced is not null && announced != size) throw WrongSize(file, $"{announced} bytes", size.Value);
        var whole = answer.StatusCode != HttpStatusCode.PartialContent;
        var continues = !whole && range?.From == target.Length;
        // A server that does not support ranges sends the whole file again.
        if (!continues && target.Length > 0) target.SetLength(0);
        if (!continues && !whole) return (false, size);
        size ??= announced;
        target.Position = target.Length;
        return (await Copy(answer, file, size, target, cancellationToken).ConfigureAwait(false), size);
    }

    private async Task<bool> Copy(HttpResponseMessage answer, HubFile file, long? size, FileStream target, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferSize];
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Stream? body = null;
        try
        {
            while (true)
            {
                int read;
                try
                {
                    stall.CancelAfter(settings.StallTime);
                    body ??= await answer.Content.ReadAsStreamAsync(stall.Token).ConfigureAwait(false);
                    read = await body.ReadAsync(buffer, stall.Token).ConfigureAwait(false);
                }
                catch (Exception e) when (
                    e is IOException or HttpRequestException || e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
                { return false; }
                if (read == 0) return true;
                var limit = size ?? MaxUnknownSize;
                if (target.Length + read > limit) throw WrongSize(file, $"more than {limit} bytes", limit);
                await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                report.Bytes(HubStep.Downloading, target.Length);
            }
        }
        finally { if (body is not null) await body.DisposeAsync().ConfigureAwait(false); }
    }

    private SkTuningException WrongSize(HubFile file, string found, long expected)
        => SkTuningException.BadFile(
            $"{repository} {file.Name}", "size", found, $"{expected} bytes",
            "The served file is not the one that the hub describes. Try again, or check the proxy.");
}
