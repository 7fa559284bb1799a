using System.Net;
using SkTuning.Metrics;

namespace SkTuning.Hub;

/// <summary>The hub, or the way to it, gives no answer: another time it may.</summary>
internal sealed class HubUnreachableException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>What the hub answers, in one line that says what to do.</summary>
internal static class HubErrors
{
    /// <summary>An answer that another try will not change.</summary>
    public static SkTuningException Refused(HttpResponseMessage answer, HubSettings settings, HubRepository repository, string? file)
    {
        var (code, asked) = (Header(answer, "X-Error-Code"), answer.RequestMessage?.RequestUri);
        var where = file is null ? repository.ToString() : $"{repository} {file}";
        if (asked is not null && !HubHttp.SameOrigin(asked, new Uri(settings.Endpoint)))
            return new($"{where}: the store of the hub's files ({asked.Host}) answered {Status(answer)}, expected the file. Try again; what has arrived is kept.");
        var said = Header(answer, "X-Error-Message") is { } message ? $" ({message})" : "";
        var gated = $"accept its conditions on {settings.Endpoint}/{repository.Name}";
        return answer.StatusCode switch
        {
            HttpStatusCode.Unauthorized when settings.Token is null => new($"{where}: {Status(answer)}: there is no such model, or it is gated or private{said}. Check the name; for a gated or private model {gated} and set HF_TOKEN to a token of the account."),
            HttpStatusCode.Unauthorized => new($"{where}: {Status(answer)}: the hub does not accept the token{said}. Set HF_TOKEN to a valid one, or check the name."),
            HttpStatusCode.Forbidden => new($"{where}: {Status(answer)}: {(settings.Token is null ? "the model is gated or private" : "the token's account may not read the model")}{said}. For a gated model {gated} and set HF_TOKEN to a token that may read it."),
            HttpStatusCode.NotFound when file is not null => new($"{where}: {Status(answer)}: the hub lists the file and does not have it{said}. Try again, or another revision."),
            HttpStatusCode.NotFound when code == "RevisionNotFound" => new($"{where}: {Status(answer)}: the model has no revision '{repository.Revision}'{said}. Use one of its branches, tags or commits."),
            HttpStatusCode.NotFound => new($"{where}: {Status(answer)}: there is no such model or revision on {new Uri(settings.Endpoint).Host}{said}. Check the name and the revision."),
            _ => new($"{where}: {Status(answer)}{said}, expected {(file is null ? "the list of its files" : "the file")}. Is HF_ENDPOINT the address of a hub?"),
        };
    }

    /// <summary>An answer that was the same at each try.</summary>
    public static HubUnreachableException Busy(HttpResponseMessage answer, bool hasToken)
    {
        var host = answer.RequestMessage?.RequestUri?.Host;
        if (answer.StatusCode != HttpStatusCode.TooManyRequests) return new($"{host} answered {Status(answer)}. Try again later");
        var wait = Wait(answer) is { } span ? $"in {Math.Ceiling(span.TotalSeconds):F0} s" : "later";
        return new($"{host} answered {Status(answer)}: too many requests. Try again {wait}{(hasToken ? "" : ", or set HF_TOKEN, which is allowed more")}");
    }

    public static HubUnreachableException Silent(Uri uri, Exception e, HubSettings settings) => new(e is HttpRequestException
        ? $"{uri.Host} cannot be reached: {e.Message.ReplaceLineEndings(" ").TrimEnd('.', ' ')}. Check the network, the proxy and HF_ENDPOINT"
        : $"{uri.Host} gave no answer in {settings.AnswerTime.TotalSeconds:F0} s. Try again later", e);

    public static SkTuningException NoSpace(string folder, string what, string free, Exception? cause = null)
        => SkTuningException.BadFile(folder, null, free, $"room for {what}", "Make room, or set HF_HOME to a folder on another disk; what has arrived is kept.", cause);

    /// <summary>What the operating system says of the cache.</summary>
    public static SkTuningException Disk(Exception e, string cache) => IsFull(e)
        ? NoSpace(cache, "the model", "a full disk", e)
        : new($"{cache}: the hub's cache cannot be used: {e.Message.ReplaceLineEndings(" ").TrimEnd()}", e);

    /// <summary>How long the hub asks to wait.</summary>
    public static TimeSpan? Wait(HttpResponseMessage answer)
        => answer.Headers.RetryAfter is not { } after ? null : after.Delta ?? (after.Date is { } date ? date - DateTimeOffset.UtcNow : null);

    /// <summary>ENOSPC; ERROR_HANDLE_DISK_FULL and ERROR_DISK_FULL.</summary>
    private static bool IsFull(Exception e) => e.HResult == 28 || e.HResult is unchecked((int)0x80070027) or unchecked((int)0x80070070);

    private static string Status(HttpResponseMessage answer) => $"{(int)answer.StatusCode} {answer.StatusCode}";

    private static string? Header(HttpResponseMessage answer, string name)
        => answer.Headers.TryGetValues(name, out var values) && HubRepository.OneLine(string.Join(" ", values)).Trim() is { Length: > 0 } text ? text.TrimEnd('.') : null;
}
