namespace SkTuning.Training;

/// <summary>A prompt and its phrases.</summary>
internal sealed record PhrasedPrompt(string Text, IReadOnlyList<string> Phrases)
{
    /// <summary>Divides a written prompt.</summary>
    public static PhrasedPrompt Of(string prompt) => new(prompt, PromptPhrases.Split(prompt));

    /// <summary>Joins phrases.</summary>
    public static PhrasedPrompt Of(string[] phrases) => new(PromptPhrases.Join(phrases), phrases);
}

/// <summary>The prompts that can be made of phrases.</summary>
/// <param name="pool">The phrases that can be added.</param>
/// <param name="sources">The option that names them.</param>
internal sealed class PromptSpace(IReadOnlyList<string> pool, string sources) : ISearchSpace<PhrasedPrompt>
{
    public string Sources => sources;

    public string Key(PhrasedPrompt candidate) => candidate.Text;

    public IEnumerable<(string Edit, PhrasedPrompt Candidate)> Edits(PhrasedPrompt candidate)
        => PromptPhrases.Edits(candidate.Phrases, pool).Select(e => (e.Edit, PhrasedPrompt.Of(e.Phrases)));

    public IEnumerable<PhrasedPrompt> All(PhrasedPrompt written)
        => PromptPhrases.All([.. written.Phrases.Concat(pool).Distinct(StringComparer.Ordinal)]).Select(PhrasedPrompt.Of);
}
