using System.Globalization;

namespace SkTuning.Hub;

/// <summary>A file as the hub describes it: its address, its checksum and its size in bytes, if known.</summary>
internal sealed record HubFile(string Name, Uri Uri, string Etag, long? Size)
{
    /// <summary>Requests the description of a file of a commit from the hub.</summary>
    public static async Task<HubFile> Ask(
        HubHttp http, HubSettings settings, HubRepository repository, string commit, string name, CancellationToken cancellationToken)
    {
        var uri = new Uri($"{settings.Endpoint}/{repository.Name}/resolve/{commit}/{string.Join('/', name.Split('/').Select(Uri.EscapeDataString))}");
        using var answer = await http.Send(HttpMethod.Head, uri, 0, patient: true, cancellationToken).ConfigureAwait(false);
        var redirect = (int)answer.StatusCode is >= 300 and < 400;
        if (!answer.IsSuccessStatusCode && !redirect) throw HubErrors.Refused(answer, settings, repository, name);
        var etag = Text(answer, "X-Linked-Etag") ?? Text(answer, "ETag") ?? "";
        if (etag.StartsWith("W/", StringComparison.Ordinal)) etag = etag[2..];
        etag = etag.Trim('"');
        if (!Checksum.IsChecksum(etag))
            throw SkTuningException.BadFile(
                $"{repository} {name}", "ETag", etag.Length == 0 ? "missing" : HubRepository.OneLine(etag), "a sha256 or a git sha1",
                "The file cannot be checked without it; is HF_ENDPOINT the address of a hub?");
        if (Text(answer, "X-Repo-Commit") is { } served && served != commit)
            throw SkTuningException.BadFile(
                $"{repository} {name}", "X-Repo-Commit", HubRepository.OneLine(served), commit, "The hub served a different commit from the one requested.");
        long? size = long.TryParse(Text(answer, "X-Linked-Size"), NumberStyles.None, CultureInfo.InvariantCulture, out var linked) ? linked
            : redirect ? null : answer.Content.Headers.ContentLength;
        return new(name, uri, etag, size);
    }

    private static string? Text(HttpResponseMessage answer, string header)
        => answer.Headers.TryGetValues(header, out var values) ? values.FirstOrDefault()?.Trim() : null;
}
