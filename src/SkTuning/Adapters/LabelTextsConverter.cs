using System.Text.Json;
using System.Text.Json.Serialization;

namespace SkTuning.Adapters;

/// <summary>Reads and writes the descriptions of labels: a string for a label with one text, as the first version had it, or a list of strings.</summary>
internal sealed class LabelTextsConverter : JsonConverter<string[][]>
{
    public override string[][] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var labels = new List<string[]>();
        Expect(ref reader, JsonTokenType.StartArray);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) labels.Add(Texts(ref reader));
        return [.. labels];
    }

    private static string[] Texts(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String) return [reader.GetString()!];
        Expect(ref reader, JsonTokenType.StartArray);
        var texts = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            Expect(ref reader, JsonTokenType.String);
            texts.Add(reader.GetString()!);
        }
        return texts.Count > 0 ? [.. texts] : throw new JsonException("A label has an empty list of descriptions.");
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type)
    {
        if (reader.TokenType != type) throw new JsonException($"Found {reader.TokenType}, expected {type}.");
    }

    public override void Write(Utf8JsonWriter writer, string[][] value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var texts in value)
        {
            if (texts is [var only])
            {
                writer.WriteStringValue(only);
                continue;
            }
            writer.WriteStartArray();
            foreach (var text in texts) writer.WriteStringValue(text);
            writer.WriteEndArray();
        }
        writer.WriteEndArray();
    }
}
