using SkTuning.Tokenizers.Normalizers;

namespace SkTuning.Tokenizers.Sources;

/// <summary>Reads the entry "normalizer" of a tokenizer.json.</summary>
internal static class NormalizerReader
{
    public static NormalizerStep Read(JsonPart part) => Read(part, null);

    /// <summary>Reads the outermost step, for which BERT's settings in the folder take precedence.</summary>
    public static NormalizerStep Read(JsonPart part, FolderSettings? settings)
    {
        var type = part.String("type");
        NormalizerStep step = type switch
        {
            "Sequence" => new NormalizerSequence([.. part.Parts("normalizers").Select(Read)]),
            "Prepend" => new PrependNormalizer(part.String("prepend")),
            "Replace" => new ReplaceNormalizer(PatternReader.Read(part, "pattern"), part.String("content")),
            "NFC" => new UnicodeNormalizer(compose: true, compatible: false),
            "NFD" => new UnicodeNormalizer(compose: false, compatible: false),
            "NFKC" => new UnicodeNormalizer(compose: true, compatible: true),
            "NFKD" => new UnicodeNormalizer(compose: false, compatible: true),
            "Lowercase" => new LowercaseNormalizer(),
            "StripAccents" => new StripAccentsNormalizer(),
            "Strip" => new StripNormalizer(part.Bool("strip_left", true), part.Bool("strip_right", true)),
            "Nmt" => new NmtNormalizer(),
            "ByteLevel" => new ByteLevelNormalizer(),
            "BertNormalizer" => ReadBert(part, settings),
            "Precompiled" => ReadPrecompiled(part),
            _ => throw part.NotImplemented("type", type),
        };
        part.Done();
        return step;
    }

    private static BertNormalizer ReadBert(JsonPart part, FolderSettings? settings)
    {
        var (clean, chinese) = (part.Bool("clean_text", true), part.Bool("handle_chinese_chars", true));
        var (accents, lowercase) = (part.OptionalBool("strip_accents"), part.Bool("lowercase", true));
        if (settings?.Class is "BertTokenizer" or "DistilBertTokenizer" or "ElectraTokenizer" or "MobileBertTokenizer" or "ConvBertTokenizer"
            or "MPNetTokenizer")
        {
            (chinese, lowercase) = (settings.ChineseCharacters ?? chinese, settings.Lowercase ?? lowercase);
            if (settings.HasStripAccents) accents = settings.StripAccents;
        }
        // If not set, accents are removed exactly when the text is converted to lower case.
        return new(clean, chinese, accents ?? lowercase, lowercase);
    }

    private static PrecompiledNormalizer ReadPrecompiled(JsonPart part)
    {
        var value = part.Value("precompiled_charsmap");
        if (value.ValueKind == System.Text.Json.JsonValueKind.String && value.TryGetBytesFromBase64(out var bytes) && CharsMap.Read(bytes) is { } map)
            return new(map);
        throw part.Bad("precompiled_charsmap", "not a table", "a SentencePiece table in Base64");
    }
}
