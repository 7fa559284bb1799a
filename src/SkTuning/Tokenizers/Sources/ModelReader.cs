using System.Text.Json;
using SkTuning.Tokenizers.SubwordModels;

namespace SkTuning.Tokenizers.Sources;

/// <summary>Reads the "model" of a tokenizer.json.</summary>
internal static class ModelReader
{
    public static SubwordModel Read(JsonPart part, bool onBytes)
    {
        // Old files leave the type out; what is there tells.
        var type = part.OptionalString("type") ?? (part.Has("merges") ? "BPE" : part.Has("unk_id") ? "Unigram" : part.Has("continuing_subword_prefix") ? "WordPiece" : "WordLevel");
        SubwordModel model = type switch
        {
            "BPE" => ReadBpe(part, onBytes),
            _ => throw part.NotImplemented("type", type),
        };
        part.Done();
        return model;
    }

    private static BpeModel ReadBpe(JsonPart part, bool onBytes)
    {
        if (part.Has("dropout") && part.Value("dropout") is var dropout && !(dropout.ValueKind == JsonValueKind.Number && dropout.TryGetDouble(out var d) && d == 0))
            throw part.Bad("dropout", JsonPart.Kind(dropout), "null: random merges are not implemented");
        var settings = new BpeSettings
        {
            UnknownToken = part.OptionalString("unk_token"),
            ContinuingPrefix = part.OptionalString("continuing_subword_prefix"),
            WordSuffix = part.OptionalString("end_of_word_suffix"),
            FuseUnknown = part.Bool("fuse_unk", false),
            ByteFallback = part.Bool("byte_fallback", false),
            IgnoreMerges = part.Bool("ignore_merges", false),
        };
        var vocabulary = ReadVocabulary(part);
        // An empty prefix is the same as none.
        settings = settings with { ContinuingPrefix = NotEmpty(settings.ContinuingPrefix), WordSuffix = NotEmpty(settings.WordSuffix) };
        if (settings.UnknownToken is { } unknown && vocabulary.IdOf(unknown) is null) throw part.Bad("unk_token", $"'{unknown}'", "a token of the vocabulary");
        return new(vocabulary, MergeReader.Read(part, vocabulary, settings.ContinuingPrefix?.Length ?? 0), settings, onBytes && BpeModel.CanReadBytes(settings));
    }

    private static string? NotEmpty(string? text) => text is { Length: 0 } ? null : text;

    private static Vocabulary ReadVocabulary(JsonPart part)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var vocabulary = part.Part("vocab");
        foreach (var entry in vocabulary.Entries())
        {
            if (entry.Value.ValueKind != JsonValueKind.Number || !entry.Value.TryGetInt32(out var id) || id < 0 || id > Vocabulary.LargestId)
                throw vocabulary.Bad(entry.Name, JsonPart.Kind(entry.Value), $"an id from 0 to {Vocabulary.LargestId}");
            ids[entry.Name] = id;
        }
        return new(ids);
    }
}
