using SkTuning.Prompts;
using SkTuning.Tokenizers;

namespace SkTuning.Heads;

/// <summary>Tokenizes words in the place of answers: after the cue of a causal model's rows, or in place of an encoder's mask.</summary>
internal static class LabelTokens
{
    /// <summary>Returns the tokens of a word that continues the row template.</summary>
    /// <inheritdoc cref="Of(TextTokenizer, string, string, bool)"/>
    public static int[] Of(TextTokenizer tokenizer, RowTemplate template, string word) => Of(tokenizer, template.BeforeAnswer, word, template.HasMask);

    /// <summary>Returns the tokens of a word that continues a text. A space is inserted between them if there is none.</summary>
    /// <param name="tokenizer">The tokenizer of the base.</param>
    /// <param name="context">The text before the word.</param>
    /// <param name="word">The word.</param>
    /// <param name="isMask">True if the word replaces a mask token. The mask absorbs the space before it, which then belongs to the word.</param>
    /// <exception cref="SkTuningException">The word has no tokens of its own after the text; the message names it.</exception>
    public static int[] Of(TextTokenizer tokenizer, string context, string word, bool isMask)
    {
        if (string.IsNullOrWhiteSpace(word)) throw new SkTuningException($"A label word is '{word}', expected one that is not empty.");
        var front = isMask ? context.TrimEnd() : context;
        var isApart = front.Length > 0 && (isMask ? front.Length < context.Length : !char.IsWhiteSpace(front[^1]));
        var gap = isApart && !char.IsWhiteSpace(word[0]) ? " " : "";
        int[] before = Ids(front), whole = Ids(front + gap + word);
        if (!whole.AsSpan().StartsWith(before) || whole.Length == before.Length)
        {
            throw new SkTuningException($"The tokenizer joins the word '{word}' with the text before it ('…{context[^Math.Min(context.Length, 20)..]}'): "
                + "end that text with a letter or a punctuation mark, without a space, such as 'Answer:'.");
        }
        return whole.AsSpan(before.Length).Contains(tokenizer.UnkId ?? -1)
            ? throw new SkTuningException($"The tokenizer does not know the word '{word}': use another one (for a label: LabelWords, --label-word).")
            : whole[before.Length..];

        int[] Ids(string text) => text.Length == 0 ? [] : tokenizer.EncodeIds(text, addSpecialTokens: false);
    }
}
