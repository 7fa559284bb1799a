using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using SkTuning.Server.Http;
using SkTuning.Serving;

namespace SkTuning.Server.Endpoints;

/// <summary>Turns a correction into the line that is kept, with the fields that training reads from rows: text, text2 and label.</summary>
internal static class CorrectionLine
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="RefusedException">The correction does not have what the task needs, or a label that the adapter does not know.</exception>
    public static byte[] Of(CorrectionRequest request, ServedAdapter adapter, string name, ClassifierServerOptions options)
    {
        if (adapter.Task.AnswersPerWord)
            throw new RefusedException(StatusCodes.Status409Conflict, $"The adapter '{name}' answers for each word: such answers cannot be corrected here.");
        var line = new JsonObject { ["text"] = InputTexts.Checked(request.Text, options) };
        if (request.Text2 is not null) line["text2"] = InputTexts.Checked(request.Text2, options);
        InputTexts.RequireKind(adapter, name, hasPairs: request.Text2 is not null);
        line["label"] = Answer(request, adapter);
        if (request.Predicted is { ValueKind: not JsonValueKind.Null } predicted) line["predicted"] = Predicted(predicted);
        if (request.Version is < 0) throw InputTexts.Bad("Expected 'version', the number of a version.");
        if (request.Version is { } version) line["version"] = version;
        line["time"] = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, Compact)) line.WriteTo(writer);
        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }

    private static JsonNode Answer(CorrectionRequest request, ServedAdapter adapter)
    {
        var key = adapter.Task.FixedLabels is not null ? "value" : adapter.Task.ChoosesOneLabel ? "label" : "labels";
        foreach (var (other, isGiven) in ((string, bool)[])
            [("label", request.Label is not null), ("labels", request.Labels is not null), ("value", request.Value is not null)])
        {
            if (isGiven != (other == key)) throw InputTexts.Bad($"The task {adapter.Task.Name} is corrected with '{key}': expected it, and no other.");
        }
        if (request.Value is { } value) return double.IsFinite(value) ? value : throw InputTexts.Bad("Expected 'value', a finite number.");
        if (request.Label is { } label) return Checked(label);
        var labels = request.Labels!.Select(Checked).ToList();
        if (labels.Distinct(StringComparer.Ordinal).Count() < labels.Count) throw InputTexts.Bad("Expected each of 'labels' once.");
        return new JsonArray([.. labels.Select(l => (JsonNode)l)]);

        string Checked(string? label)
        {
            if (string.IsNullOrWhiteSpace(label)) throw InputTexts.Bad("A label is empty, expected its name.");
            if (request.NewLabel != true && !adapter.Labels.Contains(label, StringComparer.Ordinal))
                throw InputTexts.Bad("A label is not among those of the adapter. Correct it, or send \"newLabel\": true for one that is new.");
            return label;
        }
    }

    private static JsonNode Predicted(JsonElement predicted) => predicted.ValueKind switch
    {
        JsonValueKind.String => predicted.GetString()!,
        JsonValueKind.Number when predicted.TryGetDouble(out var number) && double.IsFinite(number) => number,
        JsonValueKind.Array when predicted.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String)
            => new JsonArray([.. predicted.EnumerateArray().Select(e => (JsonNode)e.GetString()!)]),
        _ => throw InputTexts.Bad("Expected 'predicted', a label, a list of labels, or a number."),
    };
}
