using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.Processors;

/// <summary>An item of a template: a special token, or a whole text.</summary>
/// <param name="Id">The id of the special token, or -1 for a text.</param>
/// <param name="Sequence">The text: 0 for the first, 1 for the second. It has no meaning for special tokens.</param>
/// <param name="TypeId">The type id of the tokens.</param>
internal readonly record struct TemplatePlace(int Id, int Sequence, int TypeId)
{
    public bool IsText => Id < 0;
}

/// <summary>
/// The template of special tokens around a text or a pair, and whether offsets exclude white space. Bert, Roberta and template processing differ only in
/// their templates.
/// </summary>
internal sealed record PostProcessor
{
    private static readonly TemplatePlace[] OneText = [new(-1, 0, 0)];
    private static readonly TemplatePlace[] TwoTexts = [new(-1, 0, 0), new(-1, 1, 1)];

    /// <summary>The post-processor that adds nothing.</summary>
    public static PostProcessor None { get; } = new();

    public IReadOnlyList<TemplatePlace> Single { get; init; } = OneText;
    public IReadOnlyList<TemplatePlace> Pair { get; init; } = TwoTexts;

    /// <summary>The reason why pairs cannot be encoded, or null if they can.</summary>
    public SkTuningException? PairFault { get; init; }

    /// <summary>Whether the texts have type ids 0 and 1 when no special tokens are added, whatever type ids the template gives them.</summary>
    public bool PlainTypeIds { get; init; }

    /// <summary>An entry for every step that excludes white space from offsets: whether the pipeline itself added the space at the start of the text.</summary>
    public IReadOnlyList<bool> Trims { get; init; } = [];

    public int[] Prefix => [.. Single.TakeWhile(p => !p.IsText).Select(p => p.Id)];

    public int[] Suffix => [.. Single.SkipWhile(p => !p.IsText).Where(p => !p.IsText).Select(p => p.Id)];

    /// <summary>Returns the number of tokens that the template adds.</summary>
    public int Added(bool pair) => (pair ? Pair : Single).Count(p => !p.IsText);

    public void Describe(Fingerprint fingerprint)
    {
        foreach (var (name, places) in new[] { ("single", Single), ("pair", Pair) })
            foreach (var p in places) fingerprint.Add(name, p.Id, p.Sequence, p.TypeId);
    }
}
