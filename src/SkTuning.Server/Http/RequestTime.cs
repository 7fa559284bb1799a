using Microsoft.AspNetCore.Http;

namespace SkTuning.Server.Http;

/// <summary>Limits the time of a request: it is canceled as if the client had left, and answered as one that took too long.</summary>
internal static class RequestTime
{
    public static async Task LimitAsync(HttpContext context, RequestDelegate next, TimeSpan limit)
    {
        var client = context.RequestAborted;
        using var source = CancellationTokenSource.CreateLinkedTokenSource(client);
        source.CancelAfter(limit);
        context.RequestAborted = source.Token;
        try { await next(context); }
        catch (OperationCanceledException e) when (source.IsCancellationRequested && !client.IsCancellationRequested)
        {
            throw new RefusedException(StatusCodes.Status503ServiceUnavailable, "The request took too long. Try again later, or send fewer texts.", e);
        }
        finally { context.RequestAborted = client; }
    }
}
