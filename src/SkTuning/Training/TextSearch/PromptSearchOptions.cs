namespace SkTuning;

/// <summary>The options of <see cref="TrainingSession.FindPrompt"/>.</summary>
public sealed record PromptSearchOptions : TextSearchOptions
{
    /// <summary>
    /// The phrases that can be added to a prompt; <c>{labels}</c> is replaced with the names of the labels. The default is <see langword="null"/>: a few
    /// neutral phrases, and one for each label that has a text (<see cref="AdapterOptions.LabelDescriptions"/>). Phrases of the written prompt can always be
    /// moved and left out.
    /// </summary>
    public IReadOnlyList<string>? Phrases { get; init; }

    internal override void Validate()
    {
        base.Validate();
        CheckTexts(nameof(Phrases), Phrases);
    }
}
