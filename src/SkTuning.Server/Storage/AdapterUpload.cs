using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using SkTuning.Adapters;
using SkTuning.Server.Http;

namespace SkTuning.Server.Storage;

/// <summary>
/// Reads an uploaded adapter: a zip file, or a form with the two files. The names in it choose between the two files and are never used as paths.
/// </summary>
internal static class AdapterUpload
{
    private const int MaxParts = 8, MaxHeaders = 8, MaxHeaderBytes = 4 << 10, MaxBoundary = 70;

    /// <exception cref="RefusedException">The body has another type, is too large, or does not have the two files.</exception>
    public static async Task<AdapterContent> ReadAsync(HttpContext context, long maxBytes)
    {
        var media = RequestBody.MediaType(context.Request);
        var files = media?.MediaType.Value?.ToLowerInvariant() switch
        {
            "application/zip" or "application/x-zip-compressed" => ZipUpload.Read(await RequestBody.BytesAsync(context, maxBytes), maxBytes),
            "multipart/form-data" => await FormAsync(context, HeaderUtilities.RemoveQuotes(media.Boundary).Value, maxBytes),
            _ => throw new RefusedException(StatusCodes.Status415UnsupportedMediaType,
                "Expected an adapter as application/zip, or its two files as multipart/form-data."),
        };
        return new(Required(AdapterFolder.DefinitionFile), Required(AdapterFolder.TensorFile));

        ReadOnlyMemory<byte> Required(string name) => files.TryGetValue(name, out var file) ? file : throw Bad($"{name} is missing.");
    }

    private static async Task<Dictionary<string, ReadOnlyMemory<byte>>> FormAsync(HttpContext context, string? boundary, long maxBytes)
    {
        if (string.IsNullOrEmpty(boundary) || boundary.Length > MaxBoundary) throw Bad("The form has no boundary, or one of more than 70 characters.");
        RequestBody.Limit(context, maxBytes);
        var files = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        var reader = new MultipartReader(boundary, context.Request.Body) { HeadersCountLimit = MaxHeaders, HeadersLengthLimit = MaxHeaderBytes };
        try
        {
            await RequestBody.Within(context, async () =>
            {
                for (var parts = 0; await reader.ReadNextSectionAsync(context.RequestAborted) is { } section; parts++)
                {
                    if (parts == MaxParts) throw Bad($"The form has more than {MaxParts} parts.");
                    var content = new MemoryStream();
                    await section.Body.CopyToAsync(content, context.RequestAborted);
                    var name = NameOf(section);
                    if (!files.TryAdd(name, content.GetBuffer().AsMemory(0, (int)content.Length))) throw Bad($"{name} occurs twice.");
                }
            });
        }
        catch (Exception e) when (e is IOException and not BadHttpRequestException || e is InvalidDataException)
        {
            throw new RefusedException(StatusCodes.Status400BadRequest, "The form is not well-formed, or its body ends early.", e);
        }
        return files;
    }

    private static string NameOf(MultipartSection section)
    {
        if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)) throw Bad("A part of the form has no name.");
        foreach (var part in (string?[])[HeaderUtilities.RemoveQuotes(disposition.FileName).Value, HeaderUtilities.RemoveQuotes(disposition.Name).Value])
            if (part is AdapterFolder.DefinitionFile or AdapterFolder.TensorFile) return part;
        throw Bad($"A part of the form is neither {AdapterFolder.DefinitionFile} nor {AdapterFolder.TensorFile}.");
    }

    internal static RefusedException Bad(string detail) => new(StatusCodes.Status400BadRequest, detail);
}
