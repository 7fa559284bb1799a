using SkTuning.Prompts;

namespace SkTuning.Training;

/// <summary>A prompt as a list of phrases, and the edits that make other prompts of it: leave a phrase out, swap two, add one.</summary>
internal static class PromptPhrases
{
    private static readonly char[] Ends = ['.', ':', ';', '!', '?', '\n'];

    private static readonly string[] Neutral =
        ["Read the text and decide.", "The possible answers are {labels}.", "What is the text about?", "Choose the label that fits best:", "Label:"];

    /// <summary>Divides a prompt after its sentences and colons. Joined again, the phrases are the prompt, except for white space.</summary>
    public static IReadOnlyList<string> Split(string prompt)
    {
        var phrases = new List<string>();
        var start = 0;
        for (var i = 0; i < prompt.Length; i++)
        {
            // A mark ends a phrase at white space or at the end, so that "3.5" and "12:30" stay whole.
            if (!Ends.Contains(prompt[i]) || i + 1 < prompt.Length && prompt[i] != '\n' && !char.IsWhiteSpace(prompt[i + 1])) continue;
            Add(prompt[start..(i + 1)]);
            start = i + 1;
        }
        Add(prompt[start..]);
        return phrases;

        void Add(string phrase)
        {
            if (!string.IsNullOrWhiteSpace(phrase)) phrases.Add(phrase.Trim());
        }
    }

    public static string Join(IEnumerable<string> phrases) => string.Join(' ', phrases);

    /// <summary>Returns the phrases that can be added where the options name none.</summary>
    public static IReadOnlyList<string> Usual(IReadOnlyDictionary<string, IReadOnlyList<string>>? descriptions)
        => [.. Neutral, .. (descriptions ?? new Dictionary<string, IReadOnlyList<string>>()).Where(d => d.Value.Count > 0)
            .OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => PromptText.Literal(PromptText.Describe(null, [new(d.Key, [d.Value[0]])])))];

    /// <summary>Returns every prompt that is one edit away. What was edited names the kind of the edit and the phrase.</summary>
    /// <param name="phrases">The phrases of the prompt, one or more.</param>
    /// <param name="pool">The phrases that can be added; each is in a prompt at most once.</param>
    public static IEnumerable<(string Edit, string[] Phrases)> Edits(IReadOnlyList<string> phrases, IReadOnlyList<string> pool)
    {
        for (var i = 0; i < phrases.Count && phrases.Count > 1; i++) yield return ($"- {phrases[i]}", [.. phrases.Where((_, k) => k != i)]);
        for (var i = 0; i < phrases.Count; i++)
        {
            for (var k = i + 1; k < phrases.Count; k++)
            {
                string[] swapped = [.. phrases];
                (swapped[i], swapped[k]) = (swapped[k], swapped[i]);
                yield return ("swap", swapped);
            }
        }
        foreach (var phrase in pool.Where(p => !phrases.Contains(p)))
            for (var at = 0; at <= phrases.Count; at++) yield return ($"+ {phrase}", [.. phrases.Take(at), phrase, .. phrases.Skip(at)]);
    }

    /// <summary>Returns every prompt that can be made of phrases, each used at most once: the shortest first.</summary>
    public static IEnumerable<string[]> All(IReadOnlyList<string> phrases)
    {
        var last = phrases.Select(p => (string[])[p]).ToList();
        while (last.Count > 0)
        {
            foreach (var made in last) yield return made;
            last = [.. last.SelectMany(made => phrases.Where(p => !made.Contains(p)).Select(p => (string[])[.. made, p]))];
        }
    }
}
