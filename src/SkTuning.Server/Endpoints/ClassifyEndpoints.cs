using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using SkTuning.Server.Catalog;
using SkTuning.Server.Http;

namespace SkTuning.Server.Endpoints;

/// <summary>Classifies texts with one adapter, or one text with several.</summary>
internal sealed class ClassifyEndpoints(AdapterCatalog catalog, ClassifierServerOptions options)
{
    public async Task ClassifyAsync(HttpContext context)
    {
        var request = await RequestBody.JsonAsync(context, RequestJson.Default.ClassifyRequest, options.MaxBodyBytes);
        var adapter = catalog.GetServed(request.Adapter);
        var texts = InputTexts.Of(request, options);
        InputTexts.RequireKind(adapter.Served!, adapter.Name, hasPairs: request.Pairs is not null);
        var answer = await catalog.ClassifyAsync(adapter.Name, texts, context.RequestAborted);
        var json = Header(answer.Adapter);
        json["predictions"] = new JsonArray([.. answer.Predictions.Select(Json)]);
        await Answer.JsonAsync(context, json);
    }

    /// <summary>All questions are asked at the same time, so that they share batches.</summary>
    public async Task DecideAsync(HttpContext context)
    {
        var request = await RequestBody.JsonAsync(context, RequestJson.Default.DecideRequest, options.MaxBodyBytes);
        if (request.Adapters is not { Length: > 0 } names) throw InputTexts.Bad("Expected 'adapters', a list of one name or more.");
        InputTexts.RequireCount(names.Length, options);
        if (names.Distinct(StringComparer.Ordinal).Count() < names.Length) throw InputTexts.Bad("Expected each of 'adapters' once.");
        var text = InputTexts.Checked(request.Text, options);
        if (request.Text2 is not null) InputTexts.Checked(request.Text2, options);
        // Nothing is asked before all questions are known to be answerable.
        foreach (var name in names) InputTexts.RequireKind(catalog.GetServed(name).Served!, name!, hasPairs: request.Text2 is not null);
        var answers = await Task.WhenAll(names.Select(n => catalog.ClassifyAsync(n, [(text, request.Text2)], context.RequestAborted)));
        await Answer.JsonAsync(context, new JsonObject { ["answers"] = new JsonArray([.. answers.Select(WithPrediction)]) });

        static JsonNode WithPrediction(AnsweredCall answer)
        {
            var json = Header(answer.Adapter);
            json["prediction"] = Json(answer.Predictions[0]);
            return json;
        }
    }

    private static JsonObject Header(CatalogEntry adapter)
        => new() { ["adapter"] = adapter.Name, ["version"] = adapter.Stored.State.Active, ["task"] = adapter.Served!.Task.Name };

    private static JsonNode Json(TaskPrediction prediction)
    {
        var json = prediction.ToJson();
        if (prediction.WasTruncated) json["truncated"] = true;
        return json;
    }
}
