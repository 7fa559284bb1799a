using SkTuning.Batches;
using SkTuning.Prompts;

namespace SkTuning.Adapters;

/// <summary>Finds the demonstrations of training rows in the prompt of an adapter.</summary>
internal static class OwnDemonstrations
{
    /// <summary>Returns a function that finds the tokens of the demonstration of a row with one class; null if the prompt has no demonstrations.</summary>
    public static Func<EncodedRow, PromptPart?>? Of(AdapterModel adapter)
    {
        var (definition, model) = (adapter.Definition, adapter.Model);
        if (definition.Tuning.DemonstrationsPerLabel == 0) return null;
        var prompt = definition.WholePrompt;
        var offsets = model.Tokenizer.Encode(prompt, options: new() { AddSpecialTokens = false }).Offsets;
        var start = definition.PromptIds.Length - offsets.Count;                                        // the BOS, if the tokenizer adds one
        var found = new Dictionary<EncodedRow, PromptPart?>(ReferenceEqualityComparer.Instance);
        return row =>
        {
            lock (found)
            {
                if (!found.TryGetValue(row, out var part)) found[row] = part = Find(row);
                return part;
            }
        };

        PromptPart? Find(EncodedRow row)
        {
            if (row.Source is not { } source || row.Classes is not [var label]) return null;
            // The prompt has its labels filled in, and ends without white space if descriptions follow.
            var written = Demonstrations.Of(definition.Template, source.Text, source.Text2, definition.WordOf(label));
            var text = PromptText.Fill(written, definition.Labels).TrimEnd();
            var from = prompt.IndexOf(text, StringComparison.Ordinal);
            if (from < 0) return null;
            var to = from + text.Length;
            while (to < prompt.Length && char.IsWhiteSpace(prompt[to])) to++;
            // A token that reaches into the demonstration belongs to it.
            int[] tokens = [.. Enumerable.Range(0, offsets.Count).Where(t => offsets[t].End > from && offsets[t].Start < to)];
            return tokens.Length == 0 ? null : new(start + tokens[0], tokens[^1] - tokens[0] + 1);
        }
    }
}
