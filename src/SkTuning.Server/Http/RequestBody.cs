using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace SkTuning.Server.Http;

/// <summary>Reads the bodies of requests, within their limits.</summary>
internal static class RequestBody
{
    private const string Name = "the request body";
    private const int FirstBytes = 64 << 10;

    /// <summary>Reads a JSON object.</summary>
    /// <exception cref="RefusedException">The body has another type, is too large, or is not JSON of the type.</exception>
    public static async Task<T> JsonAsync<T>(HttpContext context, JsonTypeInfo<T> type, long maxBytes) where T : class
    {
        var media = MediaType(context.Request);
        if (media?.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) != true
            || media.Charset.HasValue && !media.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            throw new RefusedException(StatusCodes.Status415UnsupportedMediaType, "Expected Content-Type: application/json, in UTF-8.");
        var bytes = await BytesAsync(context, maxBytes);
        try
        {
            return JsonInput.Deserialize(bytes.Span, Name, type)
                ?? throw new RefusedException(StatusCodes.Status400BadRequest, "The request body is null, expected a JSON object.");
        }
        catch (JsonException e)
        {
            // The message of the exception has names of types.
            var path = e.Path is null or "$" ? "The request body" : $"'{e.Path}' of the request body";
            throw new RefusedException(StatusCodes.Status400BadRequest, $"{path} is unknown or has another type than expected: see /openapi.json.", e);
        }
        catch (SkTuningException e) { throw new RefusedException(StatusCodes.Status400BadRequest, e.Message, e); }
    }

    /// <summary>Returns the type of the body, or null if it is missing or not well-formed.</summary>
    /// <exception cref="RefusedException">The body is compressed.</exception>
    public static MediaTypeHeaderValue? MediaType(HttpRequest request)
    {
        // A compressed body would have to be expanded within limits of its own.
        if (request.Headers.ContentEncoding.Count > 0 && request.Headers.ContentEncoding != "identity")
            throw new RefusedException(StatusCodes.Status415UnsupportedMediaType, "Content-Encoding is not supported: send the body without it.");
        return MediaTypeHeaderValue.TryParse(request.ContentType, out var media) ? media : null;
    }

    /// <summary>Sets the maximum size of the body; a longer one is answered with 413 while it is read.</summary>
    public static void Limit(HttpContext context, long maxBytes)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature) feature.MaxRequestBodySize = maxBytes;
    }

    /// <summary>Reads the whole body.</summary>
    public static async Task<ReadOnlyMemory<byte>> BytesAsync(HttpContext context, long maxBytes)
    {
        Limit(context, maxBytes);
        // The length is what the client claims: no more is reserved than a part of it, until it is there.
        var content = new MemoryStream((int)Math.Min(context.Request.ContentLength ?? 0, FirstBytes));
        await Within(context, () => context.Request.Body.CopyToAsync(content, context.RequestAborted));
        return content.GetBuffer().AsMemory(0, (int)content.Length);
    }

    /// <summary>Reads from the body; one that is sent too slowly is answered with 408.</summary>
    public static async Task Within(HttpContext context, Func<Task> read)
    {
        try { await read(); }
        catch (OperationCanceledException e)
        {
            throw new RefusedException(StatusCodes.Status408RequestTimeout, "The request body was sent too slowly.", e);
        }
    }
}
