using System.Text.Json;
using SkTuning.Tokenizers.SubwordModels;

namespace SkTuning.Tokenizers.Sources;

/// <summary>Reads the entry "model" of a tokenizer.json.</summary>
internal static class ModelReader
{
    /// <summary>A limit, because the mark is written for every character of a word.</summary>
    private const int MaxAffixLength = 16;

    public static SubwordModel Read(JsonPart part, bool onBytes)
    {
        // Old files have no type; it is derived from the other entries.
        var type = part.OptionalString("type")
            ?? (part.Has("merges") ? "BPE" : part.Has("unk_id") ? "Unigram" : part.Has("continuing_subword_prefix") ? "WordPiece" : "WordLevel");
        SubwordModel model = type switch
        {
            "BPE" => ReadBpe(part, onBytes),
            "WordPiece" => ReadWordPiece(part),
            "WordLevel" => ReadWordLevel(part),
            "Unigram" => ReadUnigram(part),
            _ => throw part.NotImplemented("type", type),
        };
        part.Done();
        return model;
    }

    private static BpeModel ReadBpe(JsonPart part, bool onBytes)
    {
        if (part.Has("dropout") && part.Value("dropout") is var dropout
            && !(dropout.ValueKind == JsonValueKind.Number && dropout.TryGetDouble(out var d) && d == 0))
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
        // An empty prefix or suffix means none.
        settings = settings with { ContinuingPrefix = NotEmpty(settings.ContinuingPrefix), WordSuffix = NotEmpty(settings.WordSuffix) };
        if (settings.ContinuingPrefix?.Length > MaxAffixLength || settings.WordSuffix?.Length > MaxAffixLength)
            throw part.Bad(
                settings.WordSuffix?.Length > MaxAffixLength ? "end_of_word_suffix" : "continuing_subword_prefix", $"longer than {MaxAffixLength} characters",
                "a mark of a few characters");
        if (settings.UnknownToken is { } unknown && vocabulary.IdOf(unknown) is null) throw part.Bad("unk_token", $"'{unknown}'", "a token of the vocabulary");
        var merges = MergeReader.Read(part, vocabulary, settings.ContinuingPrefix?.Length ?? 0);
        return new(vocabulary, merges, settings, onBytes && BpeModel.CanReadBytes(settings));
    }

    private static WordPieceModel ReadWordPiece(JsonPart part)
    {
        var (unknown, vocabulary) = (part.String("unk_token", "[UNK]"), ReadVocabulary(part));
        return new(
            vocabulary, vocabulary.IdOf(unknown) ?? throw part.Bad("unk_token", $"'{unknown}'", "a token of the vocabulary"),
            part.String("continuing_subword_prefix", "##"), part.Int("max_input_chars_per_word", 0, int.MaxValue, 100));
    }

    private static WordLevelModel ReadWordLevel(JsonPart part)
    {
        var (unknown, vocabulary) = (part.String("unk_token", "<unk>"), ReadVocabulary(part));
        return new(vocabulary, vocabulary.IdOf(unknown), unknown);
    }

    /// <summary>Reads a unigram model. Its vocabulary is a list of tokens and scores, and the id of a token is its index.</summary>
    private static UnigramModel ReadUnigram(JsonPart part)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var (tokens, scores, worst) = (new List<(string, int)>(), new List<double>(), double.PositiveInfinity);
        foreach (var item in part.Items("vocab"))
        {
            if (item.ValueKind != JsonValueKind.Array || item.GetArrayLength() != 2 || item[0].ValueKind != JsonValueKind.String
                || item[1].ValueKind != JsonValueKind.Number || !item[1].TryGetDouble(out var score))
                throw part.Bad($"vocab[{scores.Count}]", JsonPart.Kind(item), "a token and its score");
            if (scores.Count > Vocabulary.LargestId) throw part.Bad("vocab", "too long", $"at most {Vocabulary.LargestId} tokens");
            var token = item[0].GetString()!;
            ids[token] = scores.Count;
            tokens.Add((token, scores.Count));
            scores.Add(score);
            worst = Math.Min(worst, score);
        }
        int? unknown = part.Has("unk_id") ? part.Int("unk_id", 0, scores.Count - 1) : null;
        return new(new(ids), tokens, [.. scores], unknown, part.Bool("byte_fallback", false), worst);
    }

    private static string? NotEmpty(string? text) => text is { Length: 0 } ? null : text;

    private static Vocabulary ReadVocabulary(JsonPart part) => new(VocabularyFiles.Ids(part.Part("vocab")));
}
