using System.Buffers;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using SkTuning.Server.Catalog;
using SkTuning.Server.Http;

namespace SkTuning.Server.Endpoints;

/// <summary>Keeps, sends and deletes the corrections of an adapter.</summary>
internal sealed class CorrectionEndpoints(AdapterCatalog catalog, ClassifierServerOptions options)
{
    private const int BufferBytes = 1 << 16;

    public async Task AddAsync(HttpContext context)
    {
        var request = await RequestBody.JsonAsync(context, RequestJson.Default.CorrectionRequest, options.MaxBodyBytes);
        var name = Name(context);
        var bytes = await catalog.CorrectAsync(name, adapter => CorrectionLine.Of(request, adapter, name, options), context.RequestAborted);
        await Answer.JsonAsync(context, new JsonObject { ["adapter"] = name, ["bytes"] = bytes, ["maxBytes"] = options.MaxCorrectionBytes },
            StatusCodes.Status201Created);
    }

    /// <summary>Sends the lines that are complete now.</summary>
    public async Task GetAsync(HttpContext context)
    {
        var found = catalog.Corrections(Name(context));
        context.Response.ContentType = "application/x-ndjson; charset=utf-8";
        context.Response.ContentLength = found?.Length ?? 0;
        if (found is not { } corrections) return;
        await using var file = corrections.File;
        context.Response.Headers.ETag = corrections.Tag;
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (var left = corrections.Length; left > 0;)
            {
                var part = buffer.AsMemory(0, (int)Math.Min(left, buffer.Length));
                await file.ReadExactlyAsync(part, context.RequestAborted);
                await context.Response.Body.WriteAsync(part, context.RequestAborted);
                left -= part.Length;
            }
        }
        finally { ArrayPool<byte>.Shared.Return(buffer); }
    }

    public async Task DeleteAsync(HttpContext context)
    {
        var tag = context.Request.Headers.IfMatch;
        if (!await catalog.DeleteCorrectionsAsync(Name(context), StringValues.IsNullOrEmpty(tag) || tag == "*" ? null : tag.ToString(), context.RequestAborted))
            throw new RefusedException(StatusCodes.Status412PreconditionFailed, "There are other corrections than those of If-Match: fetch them first.");
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static string Name(HttpContext context) => (string)context.Request.RouteValues["name"]!;
}
