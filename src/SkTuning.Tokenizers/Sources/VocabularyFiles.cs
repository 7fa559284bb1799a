using System.Text.Json;
using SkTuning.Tokenizers.SubwordModels;

namespace SkTuning.Tokenizers.Sources;

/// <summary>Reads the plain vocabulary files: vocab.txt (one token per line), vocab.json and merges.txt.</summary>
internal static class VocabularyFiles
{
    /// <summary>Reads one token per line. The zero-based line number is the id; if a token occurs twice, the later line takes precedence.</summary>
    public static Vocabulary ReadText(string path)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var id = 0;
        foreach (var line in Lines(path))
        {
            if (id > Vocabulary.LargestId) throw SkTuningException.BadFile(path, null, "too many lines", $"at most {Vocabulary.LargestId} tokens");
            ids[line] = id++;
        }
        return ids.Count > 0 ? new(ids) : throw SkTuningException.BadFile(path, null, "an empty file", "one token per line");
    }

    /// <summary>Reads {"token": id, ...}.</summary>
    public static Vocabulary ReadJson(string path)
    {
        using var json = TokenizerJson.Parse(path);
        return new(Ids(new JsonPart(path, "", json.RootElement)));
    }

    /// <summary>Reads the entries of a vocabulary object and checks each id.</summary>
    public static Dictionary<string, int> Ids(JsonPart vocabulary)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var entry in vocabulary.Entries())
        {
            if (entry.Value.ValueKind != JsonValueKind.Number || !entry.Value.TryGetInt32(out var id) || id < 0 || id > Vocabulary.LargestId)
                throw vocabulary.Bad(entry.Name, JsonPart.Kind(entry.Value), $"an id from 0 to {Vocabulary.LargestId}");
            ids[entry.Name] = id;
        }
        return ids;
    }

    /// <summary>Reads one merge per line ("a b"), in the order of their ranks. A first line that starts with "#version" is skipped.</summary>
    public static MergeTable ReadMerges(string path, Vocabulary vocabulary)
    {
        var lines = Lines(path)
            .Where((line, i) => line.Length > 0 && !(i == 0 && line.StartsWith("#version", StringComparison.Ordinal)))
            .ToList();
        return MergeReader.FromLines(path, lines, vocabulary);
    }

    private static IEnumerable<string> Lines(string path)
    {
        using var reader = new StreamReader(new MemoryStream(TokenizerJson.ReadBytes(path)), detectEncodingFromByteOrderMarks: true);
        var text = reader.ReadToEnd();
        // Only a line feed ends a line: a token may contain other separators.
        for (var start = 0; start < text.Length;)
        {
            var end = text.IndexOf('\n', start);
            if (end < 0) end = text.Length;
            yield return text[start..(end > start && text[end - 1] == '\r' ? end - 1 : end)];
            start = end + 1;
        }
    }
}
