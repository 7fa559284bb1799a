namespace SkTuning.Tokenizers.Text;

/// <summary>Composes and decomposes Korean syllables, which Unicode does arithmetically.</summary>
internal static class Hangul
{
    public const int First = 0xAC00;
    public const int Last = 0xD7A3;
    private const int Lead = 0x1100, Vowel = 0x1161, Tail = 0x11A7;
    private const int Leads = 19, Vowels = 21, Tails = 28;

    /// <summary>Returns the two or three parts of a syllable.</summary>
    public static int[] Parts(int syllable)
    {
        var index = syllable - First;
        var (lead, vowel, tail) = (Lead + index / (Vowels * Tails), Vowel + index % (Vowels * Tails) / Tails, Tail + index % Tails);
        return tail == Tail ? [lead, vowel] : [lead, vowel, tail];
    }

    /// <summary>Returns the syllable made of a lead and a vowel, or of an open syllable and a tail; -1 for anything else.</summary>
    public static int Compose(int first, int second)
    {
        if (first is >= Lead and < Lead + Leads && second is >= Vowel and < Vowel + Vowels)
            return First + ((first - Lead) * Vowels + (second - Vowel)) * Tails;
        if (first is >= First and <= Last && (first - First) % Tails == 0 && second is > Tail and < Tail + Tails) return first + (second - Tail);
        return -1;
    }
}
