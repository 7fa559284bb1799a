namespace SkTuning;

/// <summary>The options of <see cref="TrainingSession.FindDescriptions"/>.</summary>
public sealed record DescriptionSearchOptions : TextSearchOptions
{
    /// <summary>
    /// Further texts for some labels. The default is <see langword="null"/>: none. The written texts, the names of the labels, and the texts of
    /// <see cref="RowsPerLabel"/> rows are always tried.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Texts { get; init; }

    /// <summary>
    /// The number of training rows of each label whose text can become a text of the label, from 0 to 100. They are chosen at random by the seed. The default
    /// is 2. No candidate is measured on a row whose text it could contain.
    /// </summary>
    public int RowsPerLabel { get; init; } = 2;

    internal override void Validate()
    {
        base.Validate();
        Check(nameof(RowsPerLabel), RowsPerLabel, RowsPerLabel is >= 0 and <= 100, "0 to 100");
        CheckTexts(nameof(Texts), Texts?.Values.SelectMany(t => t ?? [""]));
    }
}
