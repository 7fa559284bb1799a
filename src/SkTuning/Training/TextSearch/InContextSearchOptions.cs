namespace SkTuning;

/// <summary>The options of <see cref="TrainingSession.FindInContext"/>.</summary>
public sealed record InContextSearchOptions : TextSearchOptions
{
    /// <summary>
    /// The phrases that can be added to the instruction, as in <see cref="PromptSearchOptions.Phrases"/>. The default is <see langword="null"/>: a few neutral
    /// phrases, and one for each label that has a text.
    /// </summary>
    public IReadOnlyList<string>? Phrases { get; init; }

    /// <summary>
    /// The words that can stand for a label. The default is <see langword="null"/>: for labels with common names such as <c>positive</c> or <c>no</c>, a few
    /// words of the same meaning. The written word of a label (<see cref="AdapterOptions.LabelWords"/>) is always tried.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? LabelWords { get; init; }

    /// <summary>
    /// The maximum number of demonstrations, from 0 to 100, and their number at the start. The default is <see langword="null"/>: what
    /// <see cref="ZeroShotOptions.Demonstrations"/> says, or 4; 0 for an encoder, which reads none.
    /// </summary>
    public int? Demonstrations { get; init; }

    /// <summary>
    /// The number of training rows that demonstrations are chosen from, from 1 to 1000, the labels in turn. Without dev rows, it is at most half of the rows:
    /// candidates are tried on the others. The default is 16.
    /// </summary>
    public int Pool { get; init; } = 16;

    internal override void Validate()
    {
        base.Validate();
        CheckTexts(nameof(Phrases), Phrases);
        CheckTexts(nameof(LabelWords), LabelWords?.Values.SelectMany(w => w ?? [""]));
        Check(nameof(Demonstrations), Demonstrations, Demonstrations is null or (>= 0 and <= 100), "0 to 100");
        Check(nameof(Pool), Pool, Pool is >= 1 and <= 1000, "1 to 1000");
    }
}
