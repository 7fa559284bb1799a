using SkTuning.Tokenizers.PreTokenizers;

namespace SkTuning.Tokenizers.Sources;

/// <summary>Reads the "pre_tokenizer" of a tokenizer.json.</summary>
internal static class PreTokenizerReader
{
    public static PreTokenizerStep Read(JsonPart part)
    {
        var type = part.String("type");
        PreTokenizerStep step = type switch
        {
            "Sequence" => new PreTokenizerSequence([.. part.Parts("pretokenizers").Select(Read)]),
            "ByteLevel" => ReadByteLevel(part),
            "Digits" => new DigitsPreTokenizer(part.Bool("individual_digits", false)),
            _ => throw part.NotImplemented("type", type),
        };
        part.Done();
        return step;
    }

    private static ByteLevelPreTokenizer ReadByteLevel(JsonPart part)
    {
        // trim_offsets speaks to the post-processor of the same name only.
        part.Bool("trim_offsets", true);
        return new(part.Bool("add_prefix_space", true), part.Bool("use_regex", true), writeBytes: true);
    }
}
