using System.Text.Json;
using System.Text.Json.Serialization;

namespace SkTuning.Server.Endpoints;

/// <summary>Texts to classify: one of the three.</summary>
internal sealed record ClassifyRequest
{
    public string? Adapter { get; init; }
    public string? Text { get; init; }
    public string?[]? Texts { get; init; }

    /// <summary>Lists of two texts each.</summary>
    public string?[]?[]? Pairs { get; init; }
}

/// <summary>Questions about one text, which are adapters.</summary>
internal sealed record DecideRequest
{
    public string?[]? Adapters { get; init; }
    public string? Text { get; init; }

    /// <summary>The second text, for adapters that read pairs.</summary>
    public string? Text2 { get; init; }
}

/// <summary>The right answer for a text: one of label, labels and value, as the task needs.</summary>
internal sealed record CorrectionRequest
{
    public string? Text { get; init; }

    /// <summary>The second text, for adapters that read pairs.</summary>
    public string? Text2 { get; init; }
    public string? Label { get; init; }
    public string?[]? Labels { get; init; }
    public double? Value { get; init; }

    /// <summary>True to accept labels that the adapter does not know.</summary>
    public bool? NewLabel { get; init; }

    /// <summary>What was predicted: a label, a list of labels, or a number.</summary>
    public JsonElement? Predicted { get; init; }

    /// <summary>The version that predicted it.</summary>
    public int? Version { get; init; }
}

/// <summary>The version to activate.</summary>
internal sealed record ActivateRequest
{
    public int? Version { get; init; }
}

/// <summary>Texts to embed, in OpenAI's shape.</summary>
internal sealed record EmbeddingsRequest
{
    /// <summary>A text, or a list of texts.</summary>
    public JsonElement? Input { get; init; }
    public string? Model { get; init; }

    [JsonPropertyName("encoding_format")] public string? EncodingFormat { get; init; }
    public int? Dimensions { get; init; }
    public string? User { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ClassifyRequest))]
[JsonSerializable(typeof(DecideRequest))]
[JsonSerializable(typeof(CorrectionRequest))]
[JsonSerializable(typeof(ActivateRequest))]
[JsonSerializable(typeof(EmbeddingsRequest))]
internal sealed partial class RequestJson : JsonSerializerContext;
