using Microsoft.AspNetCore.Http;

namespace SkTuning.Server.Http;

/// <summary>The headers of every answer: a browser neither guesses the type of an answer nor keeps or frames it.</summary>
internal static class CommonHeaders
{
    /// <summary>
    /// What the page may do: its own script and style, and requests to this server. Nothing in it may come from elsewhere or be sent elsewhere.
    /// </summary>
    public const string PagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; "
        + "form-action 'none'; frame-ancestors 'none'";

    private const string AnswerPolicy = "default-src 'none'; frame-ancestors 'none'";

    public static void Add(HttpResponse response)
    {
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = AnswerPolicy;
        response.Headers.CacheControl = "no-store";
        response.Headers["Referrer-Policy"] = "no-referrer";
    }
}
