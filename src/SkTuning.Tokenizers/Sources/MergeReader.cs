using System.Text.Json;
using SkTuning.Tokenizers.SubwordModels;

namespace SkTuning.Tokenizers.Sources;

/// <summary>Reads merges: "a b" or ["a", "b"], in the order of their ranks.</summary>
internal static class MergeReader
{
    public static MergeTable Read(JsonPart part, Vocabulary vocabulary, int prefixLength)
    {
        var merges = new MergeTable(part.Value("merges") is { ValueKind: JsonValueKind.Array } list ? list.GetArrayLength() : 0);
        var rank = 0;
        foreach (var item in part.Items("merges"))
        {
            if (item.ValueKind == JsonValueKind.String)
            {
                var text = item.GetString()!;
                var space = text.IndexOf(' ');
                if (space < 0 || text.IndexOf(' ', space + 1) >= 0) throw Bad(part, rank, JsonPart.Kind(item));
                Add(part.File, merges, vocabulary, text[..space], text[(space + 1)..], rank, prefixLength);
            }
            else
            {
                if (item.ValueKind != JsonValueKind.Array || item.GetArrayLength() != 2
                    || item[0].ValueKind != JsonValueKind.String || item[1].ValueKind != JsonValueKind.String)
                    throw Bad(part, rank, JsonPart.Kind(item));
                Add(part.File, merges, vocabulary, item[0].GetString()!, item[1].GetString()!, rank, prefixLength);
            }
            rank++;
        }
        return merges;
    }

    /// <summary>Reads merges from lines of the form "a b".</summary>
    public static MergeTable FromLines(string file, IReadOnlyList<string> lines, Vocabulary vocabulary)
    {
        var merges = new MergeTable(lines.Count);
        for (var rank = 0; rank < lines.Count; rank++)
        {
            var space = lines[rank].IndexOf(' ');
            if (space < 0 || lines[rank].IndexOf(' ', space + 1) >= 0)
                throw SkTuningException.BadFile(file, $"merges[{rank}]", $"'{lines[rank]}'", "two tokens: a b");
            Add(file, merges, vocabulary, lines[rank][..space], lines[rank][(space + 1)..], rank, 0);
        }
        return merges;
    }

    /// <summary>Adds one merge, whose parts and result must be tokens.</summary>
    public static void Add(string file, MergeTable merges, Vocabulary vocabulary, string left, string right, int rank, int prefixLength)
    {
        var result = right.Length >= prefixLength ? left + right[prefixLength..] : left + right;
        merges.Set(IdOf(left), IdOf(right), rank, IdOf(result));

        int IdOf(string token) => vocabulary.IdOf(token)
            ?? throw SkTuningException.BadFile(
                file, $"merges[{rank}]", $"'{left}' + '{right}'", $"tokens of the vocabulary, which does not contain '{token}'",
                "The vocabulary and the merges belong to different models.");
    }

    private static SkTuningException Bad(JsonPart part, int rank, string found)
        => part.Bad($"merges[{rank}]", found, "two tokens: \"a b\" or [\"a\", \"b\"]");
}
