using System.Text.Json.Nodes;

namespace SkTuning;

/// <summary>The prediction for one text or row.</summary>
public abstract record TaskPrediction
{
    private protected TaskPrediction() { }

    /// <summary>Gets a value that indicates whether the text was too long and a part of it was not read.</summary>
    public bool WasTruncated { get; init; }

    /// <summary>
    /// Gets the reason why there is no prediction, if many texts were given and this one could not be read; otherwise <see langword="null"/>.
    /// </summary>
    public string? Error { get; init; }

    /// <summary>Returns the prediction as JSON: everything except the text.</summary>
    public JsonObject ToJson() => Error is { } error ? new() { ["error"] = error } : AnswerJson();

    /// <summary>Returns the prediction in one line.</summary>
    public sealed override string ToString() => Error is { } error ? $"error\t{error}" : AnswerText();

    private protected abstract JsonObject AnswerJson();

    private protected abstract string AnswerText();

    private protected static JsonObject ScoresJson(IReadOnlyDictionary<string, double> scores)
        => new(scores.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value)));

    private protected static JsonArray TextsJson(IEnumerable<string> texts) => new([.. texts.Select(t => (JsonNode)t)]);
}
