using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using SkTuning.Server.Catalog;
using SkTuning.Server.Endpoints;
using SkTuning.Server.Http;
using SkTuning.Server.Security;
using SkTuning.Server.Telemetry;
using SkTuning.Serving;

namespace SkTuning.Server;

/// <summary>What every request passes through: measurement, access, the limit of its time, and one place that turns failures into answers.</summary>
internal sealed class Pipeline(AdapterCatalog catalog, Access access, ServerMetrics metrics, ClassifierServerOptions options, ILogger logger)
{
    private const string NoRoute = "none";

    /// <summary>Measures a request and answers it with a problem if it fails.</summary>
    public async Task OuterAsync(HttpContext context, RequestDelegate next)
    {
        var started = Stopwatch.GetTimestamp();
        metrics.Began();
        CommonHeaders.Add(context.Response);
        try
        {
            await next(context);
            // What routing answers has no body.
            var response = context.Response;
            if (response is { HasStarted: false, StatusCode: >= 400, ContentType: null })
                await Problem.WriteAsync(context, response.StatusCode, Detail(context));
        }
        catch (Exception e) when (StatusOf(e) is var (status, detail))
        {
            if (status == StatusCodes.Status500InternalServerError)
                ServerLog.Failed(logger, MethodOf(context), RouteOf(context), e.GetType().FullName!, Environment.NewLine + e.StackTrace);
            await Problem.WriteAsync(context, status, detail);
        }
        finally
        {
            var time = Stopwatch.GetElapsedTime(started);
            metrics.Answered(MethodOf(context), RouteOf(context), context.Response.StatusCode, time);
            ServerLog.Answered(logger, MethodOf(context), RouteOf(context), context.Response.StatusCode, (long)time.TotalMilliseconds);
        }
    }

    /// <summary>Lets a request through to its endpoint.</summary>
    public Task InnerAsync(HttpContext context, RequestDelegate next)
    {
        access.Check(context);
        // Routing ignores a slash at the end. .../versions/.. is sent as such a path, and must not delete the adapter.
        if (context.Request.Path.Value is { Length: > 1 } path && path.EndsWith('/'))
            throw new RefusedException(StatusCodes.Status404NotFound, "There is nothing at this path: see /openapi.json.");
        if (context.GetEndpoint()?.Metadata.GetMetadata<NeedsAdapters>() is not null && !catalog.IsReady)
            throw new RefusedException(StatusCodes.Status503ServiceUnavailable, "The adapters are being loaded.");
        return RequestTime.LimitAsync(context, next, options.RequestTimeout);
    }

    /// <summary>Returns the status and the detail for an exception.</summary>
    private static (int Status, string? Detail) StatusOf(Exception exception) => exception switch
    {
        RefusedException e => (e.Status, e.Message),
        BadHttpRequestException e => (e.StatusCode, e.StatusCode == StatusCodes.Status413PayloadTooLarge ? "The request body is too large." : null),
        EngineFullException => (StatusCodes.Status503ServiceUnavailable, "Too many texts are waiting: try again later."),
        UnknownAdapterException => (StatusCodes.Status404NotFound, "The adapter was deleted."),
        ObjectDisposedException => (StatusCodes.Status503ServiceUnavailable, "The server stops."),
        OperationCanceledException => (StatusCodes.Status503ServiceUnavailable, "The request was canceled."),
        // A file of the server; the path in the message is not for callers.
        SkTuningFileException => (StatusCodes.Status500InternalServerError, "A file of the server cannot be used."),
        SkTuningException e => (StatusCodes.Status400BadRequest, e.Message),
        _ => (StatusCodes.Status500InternalServerError, null),
    };

    private static string? Detail(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => "There is nothing at this path: see /openapi.json.",
        StatusCodes.Status405MethodNotAllowed => "The path has other methods: see the header Allow.",
        _ => null,
    };

    private static string RouteOf(HttpContext context) => (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? NoRoute;

    /// <summary>Methods that callers make up are not stored.</summary>
    private static string MethodOf(HttpContext context) => context.Request.Method is "GET" or "HEAD" or "POST" or "DELETE" ? context.Request.Method : "other";
}
