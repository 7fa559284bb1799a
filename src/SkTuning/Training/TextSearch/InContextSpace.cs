namespace SkTuning.Training;

/// <summary>An instruction, the numbers of the demonstrations in order, and the word of each label in the order of the labels.</summary>
internal sealed record InContextCandidate(PhrasedPrompt Instruction, IReadOnlyList<int> Shown, IReadOnlyList<string> Words);

/// <summary>
/// The action space of TEMPERA (arXiv 2211.11890): edits of the phrases of the instruction; demonstrations are left out, added, exchanged for others of a pool,
/// and swapped; a label gets another word.
/// </summary>
/// <param name="phrases">The phrases that can be added to the instruction.</param>
/// <param name="pool">The number of rows that demonstrations are chosen from.</param>
/// <param name="most">The maximum number of demonstrations.</param>
/// <param name="words">The words that each label can have.</param>
internal sealed class InContextSpace(IReadOnlyList<string> phrases, int pool, int most, IReadOnlyList<IReadOnlyList<string>> words)
    : ISearchSpace<InContextCandidate>
{
    public string Sources => string.Join(", ", ((string[])[nameof(InContextSearchOptions.Phrases), nameof(InContextSearchOptions.LabelWords),
        nameof(InContextSearchOptions.Demonstrations), nameof(InContextSearchOptions.Pool)]).Select(name => $"{nameof(InContextSearchOptions)}.{name}"));

    public string Key(InContextCandidate candidate)
        => $"{string.Join(',', candidate.Shown)}\n{string.Join('\n', candidate.Words)}\n{candidate.Instruction.Text}";

    public IEnumerable<(string Edit, InContextCandidate Candidate)> Edits(InContextCandidate candidate)
    {
        foreach (var (edit, edited) in PromptPhrases.Edits(candidate.Instruction.Phrases, phrases))
            yield return (edit, candidate with { Instruction = PhrasedPrompt.Of(edited) });
        foreach (var (edit, shown) in EditsOf(candidate.Shown)) yield return (edit, candidate with { Shown = shown });
        for (var label = 0; label < words.Count; label++)
            foreach (var word in words[label].Where(w => !candidate.Words.Contains(w)))
                yield return ($"word {label}: {word}", candidate with { Words = [.. candidate.Words.Select((w, k) => k == label ? word : w)] });
    }

    private IEnumerable<(string Edit, int[] Shown)> EditsOf(IReadOnlyList<int> shown)
    {
        for (var i = 0; i < shown.Count; i++) yield return ($"- row {shown[i]}", [.. shown.Where((_, k) => k != i)]);
        for (var i = 0; i < shown.Count; i++)
        {
            for (var k = i + 1; k < shown.Count; k++)
            {
                int[] swapped = [.. shown];
                (swapped[i], swapped[k]) = (swapped[k], swapped[i]);
                yield return ("swap rows", swapped);
            }
        }
        foreach (var row in Enumerable.Range(0, most == 0 ? 0 : pool).Except(shown))
        {
            if (shown.Count < most) yield return ($"+ row {row}", [.. shown, row]);
            for (var i = 0; i < shown.Count; i++) yield return ($"exchange row {row}", [.. shown.Take(i), row, .. shown.Skip(i + 1)]);
        }
    }

    public IEnumerable<InContextCandidate> All(InContextCandidate written)
    {
        string[] all = [.. written.Instruction.Phrases.Concat(phrases).Distinct(StringComparer.Ordinal)];
        var instructions = PromptPhrases.All(all).Select(PhrasedPrompt.Of);
        if (written.Instruction.Phrases.Count == 0) instructions = instructions.Prepend(written.Instruction);
        return from chosen in WordsFrom(0)
               from shown in ShownFrom([])
               from instruction in instructions
               select new InContextCandidate(instruction, shown, chosen);
    }

    private IEnumerable<int[]> ShownFrom(int[] begun)
        => begun.Length == most ? [begun]
            : Enumerable.Range(0, pool).Except(begun).SelectMany(row => ShownFrom([.. begun, row])).Prepend(begun);

    private IEnumerable<string[]> WordsFrom(int label)
        => label == words.Count ? [[]]
            : from word in words[label]
              from rest in WordsFrom(label + 1)
              where !rest.Contains(word)
              select (string[])[word, .. rest];
}
