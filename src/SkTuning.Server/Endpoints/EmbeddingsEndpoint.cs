using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using SkTuning.Server.Http;

namespace SkTuning.Server.Endpoints;

/// <summary>Embeds texts, in the shape of OpenAI's API, so that its clients work; one request at a time, so that classification keeps its cores.</summary>
internal sealed class EmbeddingsEndpoint(IEmbeddingGenerator<string, Embedding<float>> generator, ClassifierServerOptions options)
{
    private static readonly SemaphoreSlim Turn = new(1);

    public async Task EmbedAsync(HttpContext context)
    {
        var request = await RequestBody.JsonAsync(context, RequestJson.Default.EmbeddingsRequest, options.MaxBodyBytes);
        var texts = Texts(request.Input);
        InputTexts.RequireCount(texts.Count, options);
        foreach (var text in texts) InputTexts.Checked(text, options);
        if (request.EncodingFormat is not (null or "float" or "base64")) throw InputTexts.Bad("Expected 'encoding_format' float or base64.");
        if (request.Dimensions is not null) throw InputTexts.Bad("'dimensions' is not supported: leave it out.");
        var embeddings = await EmbedAsync(texts, context.RequestAborted);
        var tokens = embeddings.Usage?.InputTokenCount ?? 0;
        var asBase64 = request.EncodingFormat == "base64";
        await Answer.JsonAsync(context, new JsonObject
        {
            ["object"] = "list",
            ["data"] = new JsonArray([.. embeddings.Select(e => e.Vector).Select((v, i) => (JsonNode)new JsonObject
            {
                ["object"] = "embedding",
                ["index"] = i,
                ["embedding"] = asBase64 ? Convert.ToBase64String(MemoryMarshal.AsBytes(v.Span)) : new JsonArray([.. v.ToArray().Select(x => (JsonNode)x)]),
            })]),
            ["model"] = request.Model ?? "sktuning",
            ["usage"] = new JsonObject { ["prompt_tokens"] = tokens, ["total_tokens"] = tokens },
        });
    }

    private async Task<GeneratedEmbeddings<Embedding<float>>> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        await Turn.WaitAsync(cancellationToken);
        try { return await generator.GenerateAsync(texts, null, cancellationToken); }
        finally { Turn.Release(); }
    }

    private static IReadOnlyList<string> Texts(JsonElement? input) => input switch
    {
        { ValueKind: JsonValueKind.String } text => [text.GetString()!],
        { ValueKind: JsonValueKind.Array } list when list.GetArrayLength() > 0
            => [.. list.EnumerateArray().Select(e => e.ValueKind == JsonValueKind.String ? e.GetString()! : throw Wrong())],
        _ => throw Wrong(),
    };

    private static RefusedException Wrong() => InputTexts.Bad("Expected 'input', a text or a list of texts. Lists of tokens are not supported.");
}
