using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using SkTuning.Server.Catalog;
using SkTuning.Server.Http;
using SkTuning.Server.Storage;

namespace SkTuning.Server.Endpoints;

/// <summary>Lists, uploads, activates and deletes adapters.</summary>
internal sealed class AdapterEndpoints(AdapterCatalog catalog, ClassifierServerOptions options)
{
    public Task ListAsync(HttpContext context)
        => Answer.JsonAsync(context, new JsonObject { ["adapters"] = new JsonArray([.. catalog.Entries.Select(Json)]) });

    public Task GetAsync(HttpContext context) => Answer.JsonAsync(context, Json(catalog.Get(Name(context))));

    public async Task UploadAsync(HttpContext context)
    {
        var name = Name(context);
        if (!AdapterName.IsValid(name)) throw InputTexts.Bad($"Expected the name of an adapter: {AdapterName.Expected}.");
        var activate = context.Request.Query["activate"].ToString() switch
        {
            "" or "true" => true,
            "false" => false,
            _ => throw InputTexts.Bad("Expected activate=true or activate=false."),
        };
        var (entry, version) = await catalog.UploadAsync(
            name, () => AdapterUpload.ReadAsync(context, options.MaxAdapterBytes), activate, context.RequestAborted);
        context.Response.Headers.Location = $"/v1/adapters/{name}";
        var json = (JsonObject)Json(entry);
        json["uploaded"] = version;
        await Answer.JsonAsync(context, json, StatusCodes.Status201Created);
    }

    public async Task ActivateAsync(HttpContext context)
    {
        var request = await RequestBody.JsonAsync(context, RequestJson.Default.ActivateRequest, options.MaxBodyBytes);
        if (request.Version is not { } version) throw InputTexts.Bad("Expected 'version', the number of a version.");
        await Answer.JsonAsync(context, Json(await catalog.ActivateAsync(Name(context), version, context.RequestAborted)));
    }

    public async Task RollBackAsync(HttpContext context)
        => await Answer.JsonAsync(context, Json(await catalog.RollBackAsync(Name(context), context.RequestAborted)));

    public async Task DeleteVersionAsync(HttpContext context)
    {
        if (!int.TryParse((string?)context.Request.RouteValues["version"], NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            throw InputTexts.Bad("Expected the number of a version.");
        await Answer.JsonAsync(context, Json(await catalog.DeleteVersionAsync(Name(context), version, context.RequestAborted)));
    }

    public async Task DeleteAsync(HttpContext context)
    {
        await catalog.DeleteAsync(Name(context), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static string Name(HttpContext context) => (string)context.Request.RouteValues["name"]!;

    private static JsonNode Json(CatalogEntry entry)
    {
        var json = new JsonObject { ["name"] = entry.Name, ["version"] = entry.Stored.State.Active };
        if (entry.Served is { } served)
        {
            json["task"] = served.Task.Name;
            json["method"] = served.Method;
            json["prompt"] = served.Prompt;
            json["labels"] = new JsonArray([.. served.Labels.Select(l => (JsonNode)l)]);
            json["readsPairs"] = served.ReadsPairs;
        }
        if (entry.Error is not null) json["error"] = entry.Error;
        json["versions"] = new JsonArray([.. entry.Stored.Versions.Select(v => new JsonObject
        {
            ["version"] = v.Number,
            ["created"] = v.Created.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["bytes"] = v.Bytes,
        })]);
        return json;
    }
}
