namespace SkTuning.Tokenizers.Processors;

/// <summary>Cuts a text, or a pair, to a length, by the rules of the Hugging Face tokenizers library.</summary>
internal static class Truncator
{
    public static void Cut(Sequence first, Sequence? second, int most, EncodeOptions options)
    {
        var (side, total) = (options.TruncationSide, first.Count + (second?.Count ?? 0));
        if (most == 0)
        {
            first.Keep(0, side);
            second?.Keep(0, side);
            return;
        }
        if (total <= most) return;
        switch (options.Truncation)
        {
            case PairTruncation.LongestFirst when second is null:
                first.Keep(most, side);
                break;
            case PairTruncation.LongestFirst:
                var (a, b) = Share(first.Count, second.Count, most);
                first.Keep(a, side);
                second.Keep(b, side);
                break;
            case PairTruncation.OnlyFirst:
                Only(first, total - most, "text", side);
                break;
            case PairTruncation.OnlySecond:
                Only(second ?? throw new SkTuningException("EncodeOptions.Truncation is OnlySecond, but there is no second text."), total - most, "pair", side);
                break;
            default: throw new SkTuningException($"EncodeOptions.Truncation is {options.Truncation}, expected LongestFirst, OnlyFirst or OnlySecond.");
        }
    }

    /// <summary>Only the longer one is cut, down to the shorter one's length; then both get half, the longer one the odd token.</summary>
    private static (int First, int Second) Share(int first, int second, int most)
    {
        var (low, high) = (Math.Min(first, second), Math.Max(first, second));
        high = low > most ? low : Math.Max(low, most - low);
        if (low + high > most) (low, high) = (most / 2, most / 2 + most % 2);
        return first > second ? (high, low) : (low, high);
    }

    private static void Only(Sequence text, int remove, string name, TextSide side)
    {
        if (text.Count <= remove) throw new SkTuningException($"The {name} has {text.Count} tokens, of which {remove} would have to go: allow a greater EncodeOptions.MaxLength, or cut both texts (LongestFirst).");
        text.Keep(text.Count - remove, side);
    }
}
