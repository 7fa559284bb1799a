using SkTuning.Data;
using SkTuning.Tokenizers;

namespace SkTuning.Prompts;

/// <summary>The prompt with its meaning taken away (<see cref="PromptWords"/>). The same seed gives the same, everywhere.</summary>
internal static class PromptAblation
{
    /// <summary>Sets what is drawn here apart from what the start values take of the same seed.</summary>
    private const ulong Salt = 0x70726F6D7074;

    public static Shuffler Random(ulong seed) => new(seed ^ Salt);

    /// <summary>The ids that are read.</summary>
    public static int[] Ids(PromptWords words, IReadOnlyList<int> ids, TextTokenizer tokenizer, ulong seed)
    {
        int[] read = [.. ids];
        if (words is PromptWords.AsWritten or PromptWords.Vectors) return read;
        var random = Random(seed);
        int[] places = [.. Places(ids, tokenizer)];
        if (words == PromptWords.Random)
        {
            int[] known = [.. Enumerable.Range(0, tokenizer.VocabularySize).Where(id => !tokenizer.IsSpecial(id) && tokenizer.TokenOf(id) is { } t && !t.StartsWith('[') && !t.StartsWith('<') && t.Any(char.IsLetter))];
            foreach (var place in places) read[place] = known[random.Next(known.Length)];
            return read;
        }
        int[] own = [.. places.Select(p => ids[p])];
        random.Shuffle<int>(own);
        foreach (var (i, place) in places.Index()) read[place] = own[i];
        return read;
    }

    /// <summary>The places of a prompt's words: all but the special tokens.</summary>
    public static IEnumerable<int> Places(IReadOnlyList<int> ids, TextTokenizer tokenizer)
    {
        int[] special = [.. tokenizer.PrefixSpecialIds, .. tokenizer.SuffixSpecialIds];
        return Enumerable.Range(0, ids.Count).Where(i => !tokenizer.IsSpecial(ids[i]) && !special.Contains(ids[i]));
    }
}
