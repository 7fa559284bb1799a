using SkTuning.Tokenizers.Sources;

namespace SkTuning.Tokenizers.Processors;

/// <summary>One place in a template: a special token's id, or a whole text (<see cref="Id"/> -1).</summary>
/// <param name="Id">The special token, or -1 for a text.</param>
/// <param name="Sequence">Which text: 0 the first, 1 the pair. Without meaning for special tokens.</param>
/// <param name="TypeId">The type id of what is put there.</param>
internal readonly record struct TemplatePlace(int Id, int Sequence, int TypeId)
{
    public bool IsText => Id < 0;
}

/// <summary>
/// What is put around the tokens of a text or a pair, and whether offsets leave white space out. Bert, Roberta and template processing are all this, with
/// different places.
/// </summary>
internal sealed record PostProcessor
{
    private static readonly TemplatePlace[] OneText = [new(-1, 0, 0)];
    private static readonly TemplatePlace[] TwoTexts = [new(-1, 0, 0), new(-1, 1, 1)];

    /// <summary>Adds nothing.</summary>
    public static PostProcessor None { get; } = new();

    public IReadOnlyList<TemplatePlace> Single { get; init; } = OneText;
    public IReadOnlyList<TemplatePlace> Pair { get; init; } = TwoTexts;

    /// <summary>Without special tokens the texts keep type ids 0 and 1, whatever the template gives them.</summary>
    public bool PlainTypeIds { get; init; }

    /// <summary>For every step that takes white space out of offsets: whether a space in front of the text was put there by the pipeline itself.</summary>
    public IReadOnlyList<bool> Trims { get; init; } = [];

    public int[] Prefix => [.. Single.TakeWhile(p => !p.IsText).Select(p => p.Id)];

    public int[] Suffix => [.. Single.SkipWhile(p => !p.IsText).Where(p => !p.IsText).Select(p => p.Id)];

    /// <summary>How many tokens the template adds.</summary>
    public int Added(bool pair) => (pair ? Pair : Single).Count(p => !p.IsText);

    public void Describe(Fingerprint fingerprint)
    {
        foreach (var (name, places) in new[] { ("single", Single), ("pair", Pair) })
            foreach (var p in places) fingerprint.Add(name, p.Id, p.Sequence, p.TypeId);
    }
}
