namespace SkTuning.Compare;

/// <summary>Specifies what a method reads in place of the descriptions of the labels, to measure how much of the effect depends on their meaning.</summary>
public enum LabelTexts
{
    /// <summary>The descriptions as written. In a plan: <c>asWritten</c>.</summary>
    AsWritten,

    /// <summary>No descriptions: a label is described by its name. In a plan: <c>names</c>.</summary>
    Names,

    /// <summary>
    /// Each label, in ordinal order, has the descriptions of the next one, and the last label has those of the first. In a plan: <c>swapped</c>.
    /// </summary>
    Swapped,

    /// <summary>
    /// Each description is replaced with as many random words, which are different for each data set and seed. In a plan: <c>randomWords</c>.
    /// </summary>
    RandomWords,
}
