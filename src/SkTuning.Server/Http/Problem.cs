using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace SkTuning.Server.Http;

/// <summary>The answer to a request that failed: problem details (RFC 9457).</summary>
internal sealed record Problem(string Title, int Status, string? Detail)
{
    private const string RetrySeconds = "1";

    /// <summary>Answers a request, if no part of an answer has been sent.</summary>
    public static Task WriteAsync(HttpContext context, int status, string? detail)
    {
        if (context.Response.HasStarted) return Task.CompletedTask;
        var (allow, challenge) = (context.Response.Headers.Allow, context.Response.Headers.WWWAuthenticate);
        context.Response.Clear();
        CommonHeaders.Add(context.Response);
        (context.Response.Headers.Allow, context.Response.Headers.WWWAuthenticate) = (allow, challenge);
        if (status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable) context.Response.Headers.RetryAfter = RetrySeconds;
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json";
        var body = JsonSerializer.SerializeToUtf8Bytes(new(ReasonPhrases.GetReasonPhrase(status), status, detail), ProblemJson.Default.Problem);
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(body, CancellationToken.None).AsTask();
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Problem))]
internal sealed partial class ProblemJson : JsonSerializerContext;
