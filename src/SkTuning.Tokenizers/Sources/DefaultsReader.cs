using System.Text.Json;
using SkTuning.Tokenizers.SubwordModels;

namespace SkTuning.Tokenizers.Sources;

/// <summary>Reads "truncation" and "padding" of a tokenizer.json: what its author used, offered as <see cref="TextTokenizer.FileOptions"/> and never applied unasked.</summary>
internal static class DefaultsReader
{
    public static EncodeOptions Read(JsonPart root)
    {
        var options = EncodeOptions.Default;
        if (root.OptionalPart("truncation") is { } truncation)
        {
            if (truncation.Int("stride", 0, int.MaxValue, 0) is var stride and not 0) throw truncation.Bad("stride", $"{stride}", "0: overlapping windows are not implemented here");
            options = options with
            {
                MaxLength = truncation.Int("max_length", 0, int.MaxValue),
                Truncation = truncation.String("strategy", "LongestFirst") switch
                {
                    "LongestFirst" => PairTruncation.LongestFirst,
                    "OnlyFirst" => PairTruncation.OnlyFirst,
                    "OnlySecond" => PairTruncation.OnlySecond,
                    var other => throw truncation.NotImplemented("strategy", other),
                },
                TruncationSide = Side(truncation),
            };
            truncation.Done();
        }
        if (root.OptionalPart("padding") is { } padding)
        {
            options = options with
            {
                PadTo = Length(padding),
                PadToMultipleOf = padding.Has("pad_to_multiple_of") ? padding.Int("pad_to_multiple_of", 0, int.MaxValue) is var n and > 0 ? n : null : null,
                PaddingSide = Side(padding),
                PadId = padding.Int("pad_id", 0, Vocabulary.LargestId, 0),
                PadTypeId = padding.Int("pad_type_id", 0, int.MaxValue, 0),
            };
            padding.Ignore("pad_token").Done();
        }
        return options;
    }

    /// <summary>{"Fixed": 128}, or "BatchLongest", which a batch decides.</summary>
    private static int? Length(JsonPart padding)
    {
        if (padding.Value("strategy") is { ValueKind: JsonValueKind.String }) return padding.String("strategy") is var s and not "BatchLongest" ? throw padding.NotImplemented("strategy", s) : null;
        var strategy = padding.Part("strategy");
        var length = strategy.Int("Fixed", 0, int.MaxValue);
        strategy.Done();
        return length;
    }

    private static TextSide Side(JsonPart part) => part.String("direction", "Right") switch
    {
        "Right" => TextSide.Right,
        "Left" => TextSide.Left,
        var other => throw part.NotImplemented("direction", other),
    };
}
