namespace SkTuning.Diagnostics;

/// <summary>Rows with the same text.</summary>
/// <param name="Text">The text of the last of these rows.</param>
/// <param name="Text2">The second text of a pair.</param>
/// <param name="Places">The locations of the rows, in the order in which they were read.</param>
/// <param name="Labels">The distinct labels of the rows, in ordinal order.</param>
/// <param name="IsExact">Whether the texts are identical, not only equal except for case, white space, and punctuation.</param>
public sealed record DuplicateGroup(string Text, string? Text2, IReadOnlyList<RowPlace> Places, IReadOnlyList<string> Labels, bool IsExact)
{
    /// <summary>Gets a value that indicates whether the rows have different labels, of which at most one can be correct.</summary>
    public bool IsConflicting => Labels.Count > 1;

    /// <summary>Gets a value that indicates whether the rows come from more than one part, for example from both training and test rows.</summary>
    public bool IsLeak => Places.Any(p => p.Part != Places[0].Part);

    /// <summary>Gets a value that indicates whether two of the rows come from the same part.</summary>
    public bool IsRepeated => Places.GroupBy(p => p.Part, StringComparer.Ordinal).Any(g => g.Skip(1).Any());
}
