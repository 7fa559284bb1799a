using System.Text.Json;
using SkTuning.Tokenizers.SubwordModels;

namespace SkTuning.Tokenizers.Sources;

/// <summary>The plain vocabulary files: vocab.txt (a token a line), vocab.json and merges.txt.</summary>
internal static class VocabularyFiles
{
    private const long MostBytes = 256L << 20;

    /// <summary>A token a line; the line's number is the id, a later line of the same token wins.</summary>
    public static Vocabulary ReadText(string path)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var id = 0;
        foreach (var line in Lines(path))
        {
            if (id > Vocabulary.LargestId) throw SkTuningException.BadFile(path, null, "too many lines", $"at most {Vocabulary.LargestId} tokens");
            ids[line] = id++;
        }
        return ids.Count > 0 ? new(ids) : throw SkTuningException.BadFile(path, null, "an empty file", "a token a line");
    }

    /// <summary>{"token": id, ...}</summary>
    public static Vocabulary ReadJson(string path)
    {
        using var json = TokenizerJson.Parse(path);
        try
        {
            return new(Ids(new JsonPart(path, "", json.RootElement)));
        }
        catch (InvalidOperationException e)
        {
            throw SkTuningException.BadFile(path, null, "a token with half a surrogate pair", "well-formed text", null, e);
        }
    }

    /// <summary>The entries of a vocabulary object, each id checked.</summary>
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

    /// <summary>A merge a line ("a b"), in the order of their ranks; a first line "#version" is passed over.</summary>
    public static MergeTable ReadMerges(string path, Vocabulary vocabulary)
    {
        var lines = Lines(path).Where((line, i) => line.Length > 0 && !(i == 0 && line.StartsWith("#version", StringComparison.Ordinal))).ToList();
        return MergeReader.FromLines(path, lines, vocabulary);
    }

    private static IEnumerable<string> Lines(string path)
    {
        string text;
        try
        {
            if (new FileInfo(path).Length is var length && length > MostBytes) throw SkTuningException.BadFile(path, null, $"{length} bytes", $"at most {MostBytes}");
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SkTuningException($"{path}: cannot be read ({e.Message})", e);
        }
        // Only line feeds end a line: a token may hold other separators.
        for (var start = 0; start < text.Length;)
        {
            var end = text.IndexOf('\n', start);
            if (end < 0) end = text.Length;
            yield return text[start..(end > start && text[end - 1] == '\r' ? end - 1 : end)];
            start = end + 1;
        }
    }
}
