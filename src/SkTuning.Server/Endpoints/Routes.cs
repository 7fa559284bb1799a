using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.AI;
using SkTuning.Server.Catalog;
using SkTuning.Server.Http;
using SkTuning.Server.Security;
using SkTuning.Server.Telemetry;

namespace SkTuning.Server.Endpoints;

/// <summary>The paths of the server. Web/openapi.json describes each of them.</summary>
internal static class Routes
{
    private static readonly string[] Get = [HttpMethods.Get, HttpMethods.Head];

    public static void Map(
        IEndpointRouteBuilder app, AdapterCatalog catalog, PrometheusText metrics, ClassifierServerOptions options,
        IEmbeddingGenerator<string, Embedding<float>> embedder, Func<bool> isStopping)
    {
        foreach (var (path, file, type) in PageEndpoints.Files) app.MapMethods(path, Get, PageEndpoints.Of(file, type));
        app.MapMethods("/health/live", Get, Text("live"));
        app.MapMethods("/health/ready", Get, context => catalog.IsReady && !isStopping() ? Text("ready")(context)
            : throw new RefusedException(StatusCodes.Status503ServiceUnavailable, isStopping() ? "The server stops." : "The adapters are being loaded."));
        app.MapGet("/metrics", context => Text(metrics.Write(), "text/plain; version=0.0.4; charset=utf-8")(context)).WithMetadata(new RequiredRole(Role.Read));

        var (classify, adapters) = (new ClassifyEndpoints(catalog, options), new AdapterEndpoints(catalog, options));
        var corrections = new CorrectionEndpoints(catalog, options);
        Post("/v1/classify", Role.Read, classify.ClassifyAsync);
        Post("/v1/decide", Role.Read, classify.DecideAsync);
        Post("/v1/embeddings", Role.Read, new EmbeddingsEndpoint(embedder, options).EmbedAsync);
        Add(app.MapGet("/v1/adapters", adapters.ListAsync), Role.Read);
        Add(app.MapGet("/v1/adapters/{name}", adapters.GetAsync), Role.Read);
        Post("/v1/adapters/{name}", Role.Admin, adapters.UploadAsync);
        Post("/v1/adapters/{name}/activate", Role.Admin, adapters.ActivateAsync);
        Post("/v1/adapters/{name}/rollback", Role.Admin, adapters.RollBackAsync);
        Add(app.MapDelete("/v1/adapters/{name}", adapters.DeleteAsync), Role.Admin);
        Add(app.MapDelete("/v1/adapters/{name}/versions/{version}", adapters.DeleteVersionAsync), Role.Admin);
        Post("/v1/adapters/{name}/corrections", Role.Read, corrections.AddAsync);
        Add(app.MapGet("/v1/adapters/{name}/corrections", corrections.GetAsync), Role.Admin);
        Add(app.MapDelete("/v1/adapters/{name}/corrections", corrections.DeleteAsync), Role.Admin);

        void Post(string path, Role role, RequestDelegate handle) => Add(app.MapPost(path, handle), role);

        void Add(IEndpointConventionBuilder endpoint, Role role) => endpoint.WithMetadata(new RequiredRole(role), new NeedsAdapters());
    }

    private static RequestDelegate Text(string text, string type = "text/plain; charset=utf-8") => async context =>
    {
        context.Response.ContentType = type;
        await context.Response.WriteAsync(text, context.RequestAborted);
    };
}

/// <summary>Marks the endpoints that wait until the adapters on disk were loaded.</summary>
internal sealed record NeedsAdapters;
