using SkTuning.Data;
using SkTuning.Tokenizers;

namespace SkTuning.Prompts;

/// <summary>Replaces the words of a prompt to remove its meaning (<see cref="PromptWords"/>). The result for a seed is the same on every machine.</summary>
internal static class PromptAblation
{
    /// <summary>Separates the random numbers of this class from those that the start values draw with the same seed.</summary>
    private const ulong Salt = 0x70726F6D7074;

    public static Shuffler Random(ulong seed) => new(seed ^ Salt);

    /// <summary>Returns the token ids that the model reads.</summary>
    public static int[] Ids(PromptWords kind, IReadOnlyList<int> ids, TextTokenizer tokenizer, ulong seed)
    {
        int[] read = [.. ids];
        if (kind is PromptWords.AsWritten or PromptWords.Vectors) return read;
        var random = Random(seed);
        int[] positions = [.. WordPositions(ids, tokenizer)];
        if (kind == PromptWords.Random)
        {
            int[] words = [.. Enumerable.Range(0, tokenizer.VocabularySize).Where(IsWord)];
            foreach (var position in positions) read[position] = words[random.Next(words.Length)];
            return read;
        }
        int[] own = [.. positions.Select(p => ids[p])];
        random.Shuffle<int>(own);
        foreach (var (i, position) in positions.Index()) read[position] = own[i];
        return read;

        bool IsWord(int id)
            => !tokenizer.IsSpecial(id) && tokenizer.TokenOf(id) is { } token && !token.StartsWith('[') && !token.StartsWith('<') && token.Any(char.IsLetter);
    }

    /// <summary>Returns the positions of a prompt's words: all except the special tokens.</summary>
    public static IEnumerable<int> WordPositions(IReadOnlyList<int> ids, TextTokenizer tokenizer)
    {
        int[] special = [.. tokenizer.PrefixSpecialIds, .. tokenizer.SuffixSpecialIds];
        return Enumerable.Range(0, ids.Count).Where(i => !tokenizer.IsSpecial(ids[i]) && !special.Contains(ids[i]));
    }
}
