using SkTuning.Tokenizers;

namespace SkTuning.Heads;

/// <summary>Tokenizes label words, and checks the requirements of all heads that score them.</summary>
internal static class LabelWordTokens
{
    /// <summary>Returns the reason why no head can score label words for an adapter; null if one can.</summary>
    public static string? Refusal(string head, HeadContext context)
    {
        if (!context.Task.ChoosesOneLabel)
            return $"The head {head} predicts one label per text and cannot be used for the task {context.Task.Name}: use the head linear.";
        return context.LabelWords is null ? $"The head {head} needs a word for each label." : null;
    }

    /// <summary>Returns the tokens of each label's word, in the order of the labels.</summary>
    /// <param name="context">The adapter.</param>
    /// <param name="single">True if each word must be one token.</param>
    /// <exception cref="SkTuningException">A word cannot be used; the message names it.</exception>
    public static IReadOnlyList<int[]> Of(HeadContext context, bool single)
    {
        var (tokenizer, words) = (context.Model.Tokenizer, context.LabelWords!);
        var (all, known) = (new List<int[]>(), new Dictionary<string, int>(StringComparer.Ordinal));
        foreach (var (label, word) in context.Labels.Zip(words))
        {
            var ids = LabelTokens.Of(tokenizer, context.Template, word);
            if (single && ids.Length > 1) throw TooLong(context, label, word, ids, tokenizer);
            if (!known.TryAdd(string.Join(' ', ids), all.Count))
            {
                var same = known[string.Join(' ', ids)];
                throw new SkTuningException($"The words '{words[same]}' and '{word}' of the labels '{context.Labels[same]}' and '{label}' have the same "
                    + "tokens: use another word for one of them (LabelWords, --label-word).");
            }
            all.Add(ids);
        }
        return all;
    }

    private static SkTuningException TooLong(HeadContext context, string label, string word, int[] ids, TextTokenizer tokenizer)
    {
        var tokens = string.Join(" + ", ids.Select(i => $"'{tokenizer.TokenOf(i)}'"));
        var other = context.Model.Config.Causal ? ", or use the head likelihood" : "";
        return new($"The word '{word}' of the label '{label}' has {ids.Length} tokens ({tokens}), but the head label-words needs a single token: "
            + $"use another word (LabelWords, --label-word){other}.");
    }
}
