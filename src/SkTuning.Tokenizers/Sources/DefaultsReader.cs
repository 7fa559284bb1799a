using System.Text.Json;
using SkTuning.Tokenizers.SubwordModels;

namespace SkTuning.Tokenizers.Sources;

/// <summary>
/// Reads "truncation" and "padding" of a tokenizer.json, the settings that its author used. They are never applied unasked, so settings that are not
/// implemented are refused only when they are asked for.
/// </summary>
internal static class DefaultsReader
{
    public static FileDefaults Read(JsonPart root)
    {
        root.Ignore("truncation", "padding");
        try
        {
            return ReadBoth(root);
        }
        catch (SkTuningException e)
        {
            return new() { Fault = e };
        }
    }

    private static FileDefaults ReadBoth(JsonPart root)
    {
        var defaults = new FileDefaults();
        if (root.OptionalPart("truncation") is { } truncation)
        {
            // The stride concerns the windows after the first one, which are not returned.
            truncation.Ignore("stride");
            defaults = defaults with
            {
                MaxLength = truncation.Int("max_length", 0, int.MaxValue),
                Strategy = truncation.String("strategy", "LongestFirst") is var s and ("LongestFirst" or "OnlyFirst" or "OnlySecond")
                    ? s
                    : throw truncation.NotImplemented("strategy", truncation.String("strategy")),
                TruncatesStart = IsLeft(truncation),
            };
            truncation.Done();
        }
        if (root.OptionalPart("padding") is { } padding)
        {
            defaults = defaults with
            {
                PadTo = Length(padding),
                PadToMultipleOf = padding.Has("pad_to_multiple_of") && padding.Int("pad_to_multiple_of", 0, int.MaxValue) is var n and > 0 ? n : null,
                PadsStart = IsLeft(padding),
                PadId = padding.Int("pad_id", 0, Vocabulary.LargestId, 0),
                PadTypeId = padding.Int("pad_type_id", 0, int.MaxValue, 0),
            };
            padding.Ignore("pad_token").Done();
        }
        return defaults;
    }

    /// <summary>Reads {"Fixed": 128}, or "BatchLongest", which sets no length because it depends on the batch.</summary>
    private static int? Length(JsonPart padding)
    {
        if (padding.Value("strategy") is { ValueKind: JsonValueKind.String })
            return padding.String("strategy") is var s and not "BatchLongest" ? throw padding.NotImplemented("strategy", s) : null;
        var strategy = padding.Part("strategy");
        var length = strategy.Int("Fixed", 0, int.MaxValue);
        strategy.Done();
        return length;
    }

    private static bool IsLeft(JsonPart part) => part.String("direction", "Right") switch
    {
        "Right" => false,
        "Left" => true,
        var other => throw part.NotImplemented("direction", other),
    };
}
