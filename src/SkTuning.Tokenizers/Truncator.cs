using SkTuning.Tokenizers.Processors;

namespace SkTuning.Tokenizers;

/// <summary>Truncates a text, or a pair, to a length, following the rules of the Hugging Face tokenizers library.</summary>
internal static class Truncator
{
    public static void Cut(Sequence first, Sequence? second, int max, EncodeOptions options)
    {
        var (keepStart, total) = (options.TruncationSide == TextSide.Right, first.Count + (second?.Count ?? 0));
        if (max == 0)
        {
            first.Keep(0, keepStart);
            second?.Keep(0, keepStart);
            return;
        }
        if (total <= max) return;
        switch (options.Truncation)
        {
            case PairTruncation.LongestFirst when second is null:
                first.Keep(max, keepStart);
                break;
            case PairTruncation.LongestFirst:
                var (a, b) = Share(first.Count, second.Count, max);
                first.Keep(a, keepStart);
                second.Keep(b, keepStart);
                break;
            case PairTruncation.OnlyFirst:
                Only(first, total - max, "text", keepStart);
                break;
            case PairTruncation.OnlySecond:
                if (second is null) throw new SkTuningException("EncodeOptions.Truncation is OnlySecond, but there is no second text.");
                Only(second, total - max, "second text", keepStart);
                break;
            default: throw new SkTuningException($"EncodeOptions.Truncation is {options.Truncation}, expected LongestFirst, OnlyFirst or OnlySecond.");
        }
    }

    /// <summary>
    /// Truncates only the longer text, down to the length of the shorter one. If that is not enough, each text gets half, and the longer one the odd token.
    /// </summary>
    private static (int First, int Second) Share(int first, int second, int max)
    {
        var (low, high) = (Math.Min(first, second), Math.Max(first, second));
        high = low > max ? low : Math.Max(low, max - low);
        if (low + high > max) (low, high) = (max / 2, max / 2 + max % 2);
        return first > second ? (high, low) : (low, high);
    }

    private static void Only(Sequence text, int remove, string name, bool keepStart)
    {
        if (text.Count <= remove)
            throw new SkTuningException(
                $"The {name} has {text.Count} tokens, of which {remove} would have to be removed. " +
                "Increase EncodeOptions.MaxLength, or truncate both texts (LongestFirst).");
        text.Keep(text.Count - remove, keepStart);
    }
}
