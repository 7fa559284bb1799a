using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace SkTuning.Server.Http;

/// <summary>Sends JSON.</summary>
internal static class Answer
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task JsonAsync(
        HttpContext context, JsonNode node, int status = StatusCodes.Status200OK, string type = "application/json; charset=utf-8")
    {
        var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, Options)) node.WriteTo(writer);
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        if (HttpMethods.IsHead(context.Request.Method)) return;
        await context.Response.Body.WriteAsync(bytes.GetBuffer().AsMemory(0, (int)bytes.Length), context.RequestAborted);
    }
}
