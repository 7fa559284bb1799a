using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace SkTuning.Server.Http;

/// <summary>The answer to a request that failed: problem details (RFC 9457).</summary>
internal static class Problem
{
    private const string RetrySeconds = "1";

    /// <summary>Answers a request, if no part of an answer has been sent.</summary>
    public static async Task WriteAsync(HttpContext context, int status, string? detail)
    {
        var response = context.Response;
        if (response.HasStarted) return;
        var (allow, challenge) = (response.Headers.Allow, response.Headers.WWWAuthenticate);
        response.Clear();
        CommonHeaders.Add(response);
        (response.Headers.Allow, response.Headers.WWWAuthenticate) = (allow, challenge);
        if (status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable) response.Headers.RetryAfter = RetrySeconds;
        var problem = new JsonObject { ["title"] = ReasonPhrases.GetReasonPhrase(status), ["status"] = status };
        if (detail is not null) problem["detail"] = detail;
        await Answer.JsonAsync(context, problem, status, "application/problem+json");
    }
}
