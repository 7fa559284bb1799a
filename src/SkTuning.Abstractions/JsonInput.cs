using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SkTuning;

/// <summary>
/// Reads JSON from elsewhere. System.Text.Json reports some faults only when a value is used: a name that occurs twice, or a half of a surrogate pair. Here
/// they are reported when the text is read, with the name of the file.
/// </summary>
internal static class JsonInput
{
    private const int MaxDepth = 64;

    /// <summary>Reads a file that contains a JSON object.</summary>
    /// <exception cref="SkTuningFileException">The file is missing, or is not a valid JSON object.</exception>
    public static JsonObject ReadObject(string file) => ParseObject(InputFile.ReadAllBytes(file), file);

    /// <summary>Parses a JSON object.</summary>
    /// <param name="json">The text.</param>
    /// <param name="file">Where it was read from, for messages.</param>
    /// <exception cref="SkTuningFileException">The text is not a valid JSON object.</exception>
    public static JsonObject ParseObject(string json, string file) => ParseObject(Encoding.UTF8.GetBytes(json), file);

    private static JsonObject ParseObject(ReadOnlySpan<byte> json, string file)
    {
        json = json.TrimStart("\uFEFF"u8);
        Check(json, file);
        return JsonNode.Parse(json, documentOptions: new() { MaxDepth = MaxDepth }) as JsonObject
            ?? throw SkTuningException.BadFile(file, null, "another JSON value", "a JSON object");
    }

    /// <summary>Refuses text that is not valid JSON, names that occur twice in an object, and strings that are not valid Unicode.</summary>
    /// <exception cref="SkTuningFileException">The text is not valid.</exception>
    public static void Check(ReadOnlySpan<byte> json, string file)
    {
        var objects = new Stack<HashSet<string>>();
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartObject:
                        objects.Push(new(StringComparer.Ordinal));
                        break;
                    case JsonTokenType.EndObject:
                        objects.Pop();
                        break;
                    case JsonTokenType.PropertyName when reader.GetString() is { } name && !objects.Peek().Add(name):
                        throw SkTuningException.BadFile(file, name, "specified twice", "each name once");
                    case JsonTokenType.String:
                        reader.GetString();
                        break;
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw SkTuningException.BadFile(file, null, "text that is not valid JSON", "JSON", e.Message.ReplaceLineEndings(" "), e);
        }
    }
}
