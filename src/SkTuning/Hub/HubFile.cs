using System.Globalization;
using SkTuning.Heads;

namespace SkTuning.Hub;

/// <summary>A file as the hub describes it: its address, its checksum, its size.</summary>
internal sealed record HubFile(string Name, Uri Uri, string Etag, long? Size)
{
    /// <summary>Asks the hub about a file of a commit.</summary>
    public static async Task<HubFile> Ask(HubHttp http, HubSettings settings, HubRepository repository, string commit, string name, CancellationToken cancel)
    {
        var uri = new Uri($"{settings.Endpoint}/{repository.Name}/resolve/{commit}/{string.Join('/', name.Split('/').Select(Uri.EscapeDataString))}");
        using var answer = await http.Send(HttpMethod.Head, uri, 0, patient: true, cancel).ConfigureAwait(false);
        var redirect = (int)answer.StatusCode is >= 300 and < 400;
        if (!answer.IsSuccessStatusCode && !redirect) throw HubErrors.Refused(answer, settings, repository, name);
        var etag = Text(answer, "X-Linked-Etag") ?? Text(answer, "ETag") ?? "";
        if (etag.StartsWith("W/", StringComparison.Ordinal)) etag = etag[2..];
        etag = etag.Trim('"');
        if (!Checksum.IsOne(etag))
            throw SkTuningException.BadFile($"{repository} {name}", "ETag", etag.Length == 0 ? "not there" : HubRepository.OneLine(etag), "a sha256 or a git sha1", "The file could not be checked; is HF_ENDPOINT the address of a hub?");
        if (Text(answer, "X-Repo-Commit") is { } served && served != commit)
            throw SkTuningException.BadFile($"{repository} {name}", "X-Repo-Commit", HubRepository.OneLine(served), commit, "The hub served another commit than it was asked for.");
        long? size = long.TryParse(Text(answer, "X-Linked-Size"), NumberStyles.None, CultureInfo.InvariantCulture, out var linked) ? linked : redirect ? null : answer.Content.Headers.ContentLength;
        return new(name, uri, etag, size);
    }

    private static string? Text(HttpResponseMessage answer, string header) => answer.Headers.TryGetValues(header, out var values) ? values.FirstOrDefault()?.Trim() : null;
}
