using Microsoft.AspNetCore.Http;
using SkTuning.Server.Http;

namespace SkTuning.Server.Endpoints;

/// <summary>Sends the files of the page and the description of the API, which are part of the assembly.</summary>
internal static class PageEndpoints
{
    /// <summary>The paths, with the names and types of their files.</summary>
    public static readonly IReadOnlyList<(string Path, string File, string Type)> Files =
    [
        ("/", "index.html", "text/html; charset=utf-8"),
        ("/page.css", "page.css", "text/css; charset=utf-8"),
        ("/page.js", "page.js", "text/javascript; charset=utf-8"),
        ("/openapi.json", "openapi.json", "application/json; charset=utf-8"),
    ];

    public static RequestDelegate Of(string file, string type)
    {
        var content = Read(file);
        return async context =>
        {
            context.Response.ContentType = type;
            context.Response.ContentLength = content.Length;
            context.Response.Headers.ContentSecurityPolicy = CommonHeaders.PagePolicy;
            if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.Body.WriteAsync(content, context.RequestAborted);
        };
    }

    private static byte[] Read(string file)
    {
        using var stream = typeof(PageEndpoints).Assembly.GetManifestResourceStream(file) ?? throw new InvalidOperationException($"{file} is not embedded.");
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
