using SkTuning.Tokenizers.PreTokenizers;
using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.Sources;

/// <summary>Reads the entry "pre_tokenizer" of a tokenizer.json.</summary>
internal static class PreTokenizerReader
{
    public static PreTokenizerStep Read(JsonPart part) => Read(part, null);

    /// <summary>Reads the outermost step, for which the folder's setting add_prefix_space takes precedence.</summary>
    public static PreTokenizerStep Read(JsonPart part, FolderSettings? settings)
    {
        var type = part.String("type");
        PreTokenizerStep step = type switch
        {
            "Sequence" => new PreTokenizerSequence([.. part.Parts("pretokenizers").Select(Read)]),
            "ByteLevel" => ReadByteLevel(part, settings),
            "Digits" => new DigitsPreTokenizer(part.Bool("individual_digits", false)),
            "Split" => new SplitPreTokenizer(PatternReader.Read(part, "pattern"), Behavior(part, null), part.Bool("invert", false)),
            "BertPreTokenizer" => new BertPreTokenizer(),
            "Whitespace" => new WhitespacePreTokenizer(),
            "WhitespaceSplit" => new WhitespaceSplitPreTokenizer(),
            "Punctuation" => new PunctuationPreTokenizer(Behavior(part, "Isolated")),
            "CharDelimiterSplit" => new DelimiterPreTokenizer(Character(part, "delimiter")),
            "FixedLength" => new FixedLengthPreTokenizer(part.Int("length", 1, int.MaxValue, 5)),
            "UnicodeScripts" => new UnicodeScriptsPreTokenizer(),
            "Metaspace" => ReadMetaspace(part),
            _ => throw part.NotImplemented("type", type),
        };
        part.Done();
        return step;
    }

    /// <summary>Reads the settings that the Metaspace pre-tokenizer and decoder have in common.</summary>
    public static (string Sign, PrependScheme Scheme, bool Split) MetaspaceSettings(JsonPart part)
    {
        var sign = char.ConvertFromUtf32(Character(part, "replacement"));
        part.Ignore("str_rep");
        var scheme = part.OptionalString("prepend_scheme") switch
        {
            null or "always" => PrependScheme.Always,
            "first" => PrependScheme.First,
            "never" => PrependScheme.Never,
            var other => throw part.NotImplemented("prepend_scheme", other),
        };
        // The older form of the setting.
        if (part.OptionalBool("add_prefix_space") is false)
        {
            if (part.Has("prepend_scheme") && scheme != PrependScheme.Never)
                throw part.Bad("add_prefix_space", "false", $"true, because prepend_scheme is '{part.String("prepend_scheme")}'");
            scheme = PrependScheme.Never;
        }
        return (sign, scheme, part.Bool("split", true));
    }

    private static MetaspacePreTokenizer ReadMetaspace(JsonPart part)
    {
        var (sign, scheme, split) = MetaspaceSettings(part);
        return new(sign, scheme, split);
    }

    private static ByteLevelPreTokenizer ReadByteLevel(JsonPart part, FolderSettings? settings)
    {
        // trim_offsets applies only to the post-processor of the same name.
        part.Bool("trim_offsets", true);
        var space = part.Bool("add_prefix_space", true);
        if (settings is { AddPrefixSpace: { } add, Class: "GPT2Tokenizer" or "RobertaTokenizer" or "LongformerTokenizer" or "BartTokenizer" }) space = add;
        return new(space, part.Bool("use_regex", true), writeBytes: true);
    }

    private static SplitBehavior Behavior(JsonPart part, string? orElse) => part.String("behavior", orElse) switch
    {
        "Removed" or "removed" => SplitBehavior.Removed,
        "Isolated" or "isolated" => SplitBehavior.Isolated,
        "MergedWithPrevious" or "merged_with_previous" => SplitBehavior.MergedWithPrevious,
        "MergedWithNext" or "merged_with_next" => SplitBehavior.MergedWithNext,
        "Contiguous" or "contiguous" => SplitBehavior.Contiguous,
        var other => throw part.NotImplemented("behavior", other),
    };

    private static int Character(JsonPart part, string key)
    {
        var text = part.String(key);
        if (text.Length > 0 && CodePoints.At(text, 0, out var units) is var c && units == text.Length) return c;
        throw part.Bad(key, $"'{text}'", "one character");
    }
}
