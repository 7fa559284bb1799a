using SkTuning.Prompts;
using SkTuning.Tokenizers;

namespace SkTuning.Heads;

/// <summary>Words as tokens where answers stand: behind the cue of a causal model's rows, or in place of an encoder's mask.</summary>
internal static class LabelTokens
{
    /// <summary>The tokens of a word that goes on from what the template puts before it.</summary>
    /// <inheritdoc cref="Of(TextTokenizer, string, string, bool)"/>
    public static int[] Of(TextTokenizer tokenizer, RowTemplate template, string word) => Of(tokenizer, template.BeforeAnswer, word, template.HasMask);

    /// <summary>The tokens of a word that goes on from a text, with a space between them where there is none.</summary>
    /// <param name="tokenizer">The base's.</param>
    /// <param name="written">What stands before the word.</param>
    /// <param name="word">The word.</param>
    /// <param name="isMask">The word stands in place of a mask, which swallows the space in front of it: that is the word's then.</param>
    /// <exception cref="SkTuningException">The word has no tokens of its own there; the message names it.</exception>
    public static int[] Of(TextTokenizer tokenizer, string written, string word, bool isMask)
    {
        if (string.IsNullOrWhiteSpace(word)) throw new SkTuningException($"A word to answer with is '{word}', expected one that is not empty.");
        var front = isMask ? written.TrimEnd() : written;
        var isApart = front.Length > 0 && (isMask ? front.Length < written.Length : !char.IsWhiteSpace(front[^1]));
        var gap = isApart && !char.IsWhiteSpace(word[0]) ? " " : "";
        int[] before = Ids(front), whole = Ids(front + gap + word);
        if (!whole.AsSpan().StartsWith(before) || whole.Length == before.Length)
            throw new SkTuningException($"The tokenizer joins the word '{word}' with what stands before it ('…{written[^Math.Min(written.Length, 20)..]}'): let that end in a letter or a sign, without a space, such as 'Answer:'.");
        return whole[before.Length..].Contains(tokenizer.UnkId ?? -1)
            ? throw new SkTuningException($"The tokenizer does not know the word '{word}': give another one (for a label: LabelWords, --label-word).")
            : whole[before.Length..];

        int[] Ids(string text) => text.Length == 0 ? [] : tokenizer.EncodeIds(text, addSpecialTokens: false);
    }
}
