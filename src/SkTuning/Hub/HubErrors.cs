using System.Net;

namespace SkTuning.Hub;

/// <summary>The hub cannot be reached or does not answer. A later try may succeed.</summary>
internal sealed class HubUnreachableException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>Turns the hub's answers into one-line messages that say what to do.</summary>
internal static class HubErrors
{
    /// <summary>The error for an answer that another try will not change.</summary>
    public static SkTuningException Refused(HttpResponseMessage answer, HubSettings settings, HubRepository repository, string? file)
    {
        var (code, asked) = (Header(answer, "X-Error-Code"), answer.RequestMessage?.RequestUri);
        var where = file is null ? repository.ToString() : $"{repository} {file}";
        if (asked is not null && !HubHttp.SameOrigin(asked, new Uri(settings.Endpoint)))
            return new(
                $"{where}: the store of the hub's files ({asked.Host}) answered {Status(answer)}, expected the file. "
                + "Try again; the bytes already received are kept.");
        var reason = Header(answer, "X-Error-Message") is { } message ? $" ({message})" : "";
        var accept = $"accept its conditions on {settings.Endpoint}/{repository.Name}";
        var start = $"{where}: {Status(answer)}";
        return answer.StatusCode switch
        {
            HttpStatusCode.Unauthorized when settings.Token is null => new(
                $"{start}: there is no such model, or it is gated or private{reason}. Check the name; for a gated or private model, "
                + $"{accept} and set HF_TOKEN to a token of your account."),
            HttpStatusCode.Unauthorized => new($"{start}: the hub does not accept the token{reason}. Set HF_TOKEN to a valid token, or check the name."),
            HttpStatusCode.Forbidden => new(
                $"{start}: {(settings.Token is null ? "the model is gated or private" : "the token's account may not read the model")}{reason}. "
                + $"For a gated model, {accept} and set HF_TOKEN to a token that may read it."),
            HttpStatusCode.NotFound when file is not null => new(
                $"{start}: the hub lists the file but does not have it{reason}. Try again, or use another revision."),
            HttpStatusCode.NotFound when code == "RevisionNotFound" => new(
                $"{start}: the model has no revision '{repository.Revision}'{reason}. Use one of its branches, tags or commits."),
            HttpStatusCode.NotFound => new(
                $"{start}: there is no such model or revision on {new Uri(settings.Endpoint).Host}{reason}. Check the name and the revision."),
            _ => new($"{start}{reason}, expected {(file is null ? "the list of its files" : "the file")}. Is HF_ENDPOINT the address of a hub?"),
        };
    }

    /// <summary>The error for a temporary failure that every try met.</summary>
    public static HubUnreachableException Busy(HttpResponseMessage answer, bool hasToken)
    {
        var host = answer.RequestMessage?.RequestUri?.Host;
        if (answer.StatusCode != HttpStatusCode.TooManyRequests) return new($"{host} answered {Status(answer)}. Try again later");
        var wait = Wait(answer) is { } span ? FormattableString.Invariant($"in {Math.Ceiling(span.TotalSeconds):F0} s") : "later";
        return new($"{host} answered {Status(answer)}: too many requests. Try again {wait}{(hasToken ? "" : ", or set HF_TOKEN, which raises the limit")}");
    }

    public static HubUnreachableException Silent(Uri uri, Exception e, HubSettings settings) => new(e is HttpRequestException
        ? $"{uri.Host} cannot be reached: {e.Message.ReplaceLineEndings(" ").TrimEnd('.', ' ')}. Check the network, the proxy and HF_ENDPOINT"
        : FormattableString.Invariant($"{uri.Host} did not answer within {settings.AnswerTime.TotalSeconds:F0} s. Try again later"), e);

    public static SkTuningException NoSpace(string folder, string what, string free, Exception? cause = null)
        => SkTuningException.BadFile(
            folder, null, free, $"room for {what}", "Free some space, or set HF_HOME to a folder on another disk; the bytes already received are kept.", cause);

    /// <summary>The error for an exception of the operating system about the cache.</summary>
    public static SkTuningException Disk(Exception e, string cache) => IsFull(e)
        ? NoSpace(cache, "the model", "a full disk", e)
        : new($"{cache}: the hub's cache cannot be used: {e.Message.ReplaceLineEndings(" ").TrimEnd()} Set HF_HOME to a folder that you can write to.", e);

    /// <summary>The wait that the hub asks for (Retry-After), or null.</summary>
    public static TimeSpan? Wait(HttpResponseMessage answer)
        => answer.Headers.RetryAfter is not { } after ? null : after.Delta ?? (after.Date is { } date ? date - DateTimeOffset.UtcNow : null);

    /// <summary>ENOSPC; ERROR_HANDLE_DISK_FULL and ERROR_DISK_FULL.</summary>
    private static bool IsFull(Exception e) => e.HResult == 28 || e.HResult is unchecked((int)0x80070027) or unchecked((int)0x80070070);

    private static string Status(HttpResponseMessage answer) => $"{(int)answer.StatusCode} {answer.StatusCode}";

    private static string? Header(HttpResponseMessage answer, string name)
        => answer.Headers.TryGetValues(name, out var values) && HubRepository.OneLine(string.Join(" ", values)).Trim() is { Length: > 0 } text
            ? text.TrimEnd('.') : null;
}
