using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;

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
    /// <param name="asWritten">True to allow comments and trailing commas, in files that people write.</param>
    /// <exception cref="SkTuningFileException">The text is not a valid JSON object.</exception>
    public static JsonObject ParseObject(string json, string file, bool asWritten = false) => ParseObject(Encoding.UTF8.GetBytes(json), file, asWritten);

    private static JsonObject ParseObject(ReadOnlySpan<byte> json, string file, bool asWritten = false)
    {
        json = json.TrimStart("\uFEFF"u8);
        Check(json, file, asWritten);
        var comments = asWritten ? JsonCommentHandling.Skip : JsonCommentHandling.Disallow;
        var options = new JsonDocumentOptions { MaxDepth = MaxDepth, CommentHandling = comments, AllowTrailingCommas = asWritten };
        return JsonNode.Parse(json, documentOptions: options) as JsonObject
            ?? throw SkTuningException.BadFile(file, null, "another JSON value", "a JSON object");
    }

    /// <summary>Deserializes a JSON value.</summary>
    /// <param name="json">The text.</param>
    /// <param name="file">Where it was read from, for messages.</param>
    /// <param name="type">The type of the value.</param>
    /// <exception cref="SkTuningFileException">The text is not valid.</exception>
    /// <exception cref="JsonException">A value has another type than the one that is read.</exception>
    public static T? Deserialize<T>(ReadOnlySpan<byte> json, string file, JsonTypeInfo<T> type) where T : class
    {
        json = json.TrimStart("\uFEFF"u8);
        Check(json, file);
        return JsonSerializer.Deserialize(json, type);
    }

    /// <summary>Refuses valid JSON with a name or a string that is not valid Unicode.</summary>
    /// <exception cref="SkTuningFileException">The text is not UTF-8, or a string has a half of a surrogate pair.</exception>
    public static void RequireUnicode(ReadOnlySpan<byte> json, string file)
    {
        // The parser checks neither the encoding nor that escapes are whole surrogate pairs.
        if (!Utf8.IsValid(json)) throw SkTuningException.BadFile(file, null, "text that is not UTF-8", "well-formed text", "The file is damaged.");
        if (json.IndexOf("\\ud"u8) < 0 && json.IndexOf("\\uD"u8) < 0) return;
        var reader = new Utf8JsonReader(json);
        try
        {
            while (reader.Read())
                if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String) reader.GetString();
        }
        catch (InvalidOperationException e)
        {
            throw SkTuningException.BadFile(file, null, "a text with a lone surrogate", "well-formed text", "The file is damaged.", e);
        }
    }

    /// <summary>Refuses text that is not valid JSON, names that occur twice in an object, and strings that are not valid Unicode.</summary>
    /// <param name="json">The text.</param>
    /// <param name="file">Where it was read from, for messages.</param>
    /// <param name="asWritten">True to allow comments and trailing commas, in files that people write.</param>
    /// <exception cref="SkTuningFileException">The text is not valid.</exception>
    public static void Check(ReadOnlySpan<byte> json, string file, bool asWritten = false)
    {
        var objects = new Stack<HashSet<string>>();
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions
            {
                MaxDepth = MaxDepth, AllowTrailingCommas = asWritten, CommentHandling = asWritten ? JsonCommentHandling.Skip : JsonCommentHandling.Disallow,
            });
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
