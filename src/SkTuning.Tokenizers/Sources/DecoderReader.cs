using SkTuning.Tokenizers.Decoders;
using SkTuning.Tokenizers.PreTokenizers;

namespace SkTuning.Tokenizers.Sources;

/// <summary>Reads the entry "decoder" of a tokenizer.json.</summary>
internal static class DecoderReader
{
    public static DecoderStep Read(JsonPart part)
    {
        var type = part.String("type");
        DecoderStep step = type switch
        {
            "Sequence" => new DecoderSequence([.. part.Parts("decoders").Select(Read)]),
            "ByteLevel" => ReadByteLevel(part),
            "Replace" => new ReplaceDecoder(PatternReader.Read(part, "pattern"), part.String("content")),
            "ByteFallback" => new ByteFallbackDecoder(),
            "Fuse" => new FuseDecoder(),
            "Strip" => ReadStrip(part),
            "WordPiece" => new WordPieceDecoder(part.String("prefix", "##"), part.Bool("cleanup", true)),
            "Metaspace" => ReadMetaspace(part),
            "BPEDecoder" => new SuffixDecoder(part.String("suffix", "</w>")),
            "CTC" => new CtcDecoder(part.String("pad_token", "<pad>"), part.String("word_delimiter_token", "|"), part.Bool("cleanup", true)),
            _ => throw part.NotImplemented("type", type),
        };
        part.Done();
        return step;
    }

    private static ByteLevelDecoder ReadByteLevel(JsonPart part)
    {
        part.Ignore("add_prefix_space", "trim_offsets", "use_regex");
        return new();
    }

    private static MetaspaceDecoder ReadMetaspace(JsonPart part)
    {
        var (sign, scheme, _) = PreTokenizerReader.MetaspaceSettings(part);
        return new(sign, scheme != PrependScheme.Never);
    }

    private static StripDecoder ReadStrip(JsonPart part)
    {
        var content = part.String("content");
        if (content.Length == 0) throw part.Bad("content", "empty", "one character");
        return new(content, part.Int("start", 0, int.MaxValue, 0), part.Int("stop", 0, int.MaxValue, 0));
    }
}
