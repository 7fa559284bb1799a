using System.Net;
using SkTuning.Models;

namespace SkTuning.Hub;

/// <summary>Fetches one file into {blob}.incomplete, goes on where a connection was cut, now or in an earlier run, and checks the whole.</summary>
internal sealed class BlobDownload(HubHttp http, HubSettings settings, HubRepository repository, HubReport report)
{
    private const int BufferSize = 128 * 1024;

    /// <summary>The most that is taken of a file whose size nobody told: they are small texts behind a proxy.</summary>
    private const long LargestUntold = 64 << 20;

    /// <summary>Connections in a row that may end without a new byte.</summary>
    private const int MostIdleTries = 5;

    /// <summary>On return the file is whole and has the checksum; else it stays for another run, unless its content is wrong.</summary>
    public async Task Run(HubFile file, string incomplete, CancellationToken cancel)
    {
        for (var fresh = false; ; fresh = true)
        {
            var start = await Fetch(file, incomplete, cancel).ConfigureAwait(false);
            var found = Checksum.Of(incomplete, file.Etag, report, cancel);
            if (found == file.Etag) return;
            File.Delete(incomplete);
            // What an earlier run left may have been damaged on this disk: the second time it is the server.
            if (start == 0 || fresh)
                throw SkTuningException.BadFile($"{repository} {file.Name}", Checksum.Kind(file.Etag), found, file.Etag, "What arrived is not the file that the hub describes; it was thrown away. Try again, or check the proxy.");
        }
    }

    /// <returns>How many bytes were there before.</returns>
    private async Task<long> Fetch(HubFile file, string incomplete, CancellationToken cancel)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(incomplete)!);
        using var target = new FileStream(incomplete, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 0);
        if (target.Length > file.Size) target.SetLength(0);
        var start = target.Length;
        if (settings.FreeSpace(Path.GetDirectoryName(incomplete)!) is { } free && file.Size - start > free)
            throw HubErrors.NoSpace(settings.Cache, $"{file.Size - start} bytes of {repository} {file.Name}", $"{free} bytes free");
        report.Size(file.Size);
        var (most, idle, size) = (start, 0, file.Size);
        while (size is null || target.Length < size)
        {
            (var ended, size) = await Receive(file, size, target, cancel).ConfigureAwait(false);
            if (ended && (size is null || target.Length == size)) break;
            idle = target.Length > most ? 0 : idle + 1;
            most = Math.Max(most, target.Length);
            if (idle > MostIdleTries)
                throw new SkTuningException($"{repository} {file.Name}: the connection was cut {idle} times without a new byte, at {target.Length} of {size} bytes. Try again; what has arrived is kept.");
            report.Say(HubStep.Waiting, target.Length);
            await Task.Delay(settings.FirstWait * idle, cancel).ConfigureAwait(false);
        }
        target.Flush(flushToDisk: true);
        report.Bytes(HubStep.Downloading, target.Length);
        return start;
    }

    /// <summary>One connection: appends what comes.</summary>
    /// <returns>Whether the body came to its own end, and the file's size as far as known.</returns>
    private async Task<(bool Ended, long? Size)> Receive(HubFile file, long? size, FileStream target, CancellationToken cancel)
    {
        using var answer = await http.Send(HttpMethod.Get, file.Uri, target.Length, patient: true, cancel).ConfigureAwait(false);
        if (answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            target.SetLength(0);
            return (false, size);
        }
        if (!answer.IsSuccessStatusCode) throw HubErrors.Refused(answer, settings, repository, file.Name);
        var (range, length) = (answer.Content.Headers.ContentRange, answer.Content.Headers.ContentLength);
        var told = range?.Length ?? (range is null ? length : null);
        if (size is not null && told is not null && told != size) throw WrongSize(file, $"{told} bytes", size.Value);
        var whole = answer.StatusCode != HttpStatusCode.PartialContent;
        var continues = !whole && range?.From == target.Length;
        // A server that knows no ranges sends all of it again.
        if (!continues && target.Length > 0) target.SetLength(0);
        if (!continues && !whole) return (false, size);
        size ??= told;
        target.Position = target.Length;
        return (await Copy(answer, file, size, target, cancel).ConfigureAwait(false), size);
    }

    private async Task<bool> Copy(HttpResponseMessage answer, HubFile file, long? size, FileStream target, CancellationToken cancel)
    {
        var buffer = new byte[BufferSize];
        using var still = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Stream? body = null;
        try
        {
            while (true)
            {
                int read;
                try
                {
                    still.CancelAfter(settings.StillTime);
                    body ??= await answer.Content.ReadAsStreamAsync(still.Token).ConfigureAwait(false);
                    read = await body.ReadAsync(buffer, still.Token).ConfigureAwait(false);
                }
                catch (Exception e) when (e is IOException or HttpRequestException || e is OperationCanceledException && !cancel.IsCancellationRequested) { return false; }
                if (read == 0) return true;
                var most = size ?? LargestUntold;
                if (target.Length + read > most) throw WrongSize(file, $"more than {most} bytes", most);
                await target.WriteAsync(buffer.AsMemory(0, read), cancel).ConfigureAwait(false);
                report.Bytes(HubStep.Downloading, target.Length);
            }
        }
        finally { if (body is not null) await body.DisposeAsync().ConfigureAwait(false); }
    }

    private SkTuningException WrongSize(HubFile file, string found, long expected)
        => SkTuningException.BadFile($"{repository} {file.Name}", "size", found, $"{expected} bytes", "What is served is not the file that the hub describes. Try again, or check the proxy.");
}
