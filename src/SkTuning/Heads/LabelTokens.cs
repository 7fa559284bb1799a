using SkTuning.Prompts;
using SkTuning.Tokenizers;

namespace SkTuning.Heads;

/// <summary>Words as tokens where answers stand: behind the cue of a causal model's rows, or in place of an encoder's mask.</summary>
internal static class LabelTokens
{
    /// <summary>The tokens of a word that goes on from what the template puts before it, with a space between them where there is none.</summary>
    /// <param name="tokenizer">The base's.</param>
    /// <param name="template">What stands around the text.</param>
    /// <param name="word">The word.</param>
    /// <exception cref="SkTuningException">The word has no tokens of its own there; the message names it.</exception>
    public static int[] Of(TextTokenizer tokenizer, RowTemplate template, string word)
    {
        if (string.IsNullOrWhiteSpace(word)) throw new SkTuningException($"A label word is '{word}', expected a word that the model can answer with.");
        var written = template.BeforeAnswer;
        // An encoder's mask swallows the space in front of it, which is the word's then.
        var front = template.HasMask ? written.TrimEnd() : written;
        var isApart = front.Length > 0 && (template.HasMask ? front.Length < written.Length : !char.IsWhiteSpace(front[^1]));
        var gap = isApart && !char.IsWhiteSpace(word[0]) ? " " : "";
        int[] before = Ids(front), whole = Ids(front + gap + word);
        if (!whole.AsSpan().StartsWith(before) || whole.Length == before.Length)
            throw new SkTuningException($"The tokenizer joins the label word '{word}' with what stands before it in the row template '{template}': let the cue end in a letter or a sign, without a space, such as 'Answer:'.");
        return whole[before.Length..].Contains(tokenizer.UnkId ?? -1)
            ? throw new SkTuningException($"The tokenizer does not know the label word '{word}': give another word for its label (LabelWords, --label-word).")
            : whole[before.Length..];

        int[] Ids(string text) => text.Length == 0 ? [] : tokenizer.EncodeIds(text, addSpecialTokens: false);
    }
}
