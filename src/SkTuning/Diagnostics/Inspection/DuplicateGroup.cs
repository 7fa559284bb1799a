namespace SkTuning.Diagnostics;

/// <summary>Rows of one text.</summary>
/// <param name="Text">The text, as the last of them has it.</param>
/// <param name="Text2">The second text of a pair.</param>
/// <param name="Places">Where the rows stand, in the order in which they were read.</param>
/// <param name="Labels">The different labels they have, in ordinal order.</param>
/// <param name="IsExact">Whether the texts are equal to the letter, and not only but for case, white space and punctuation.</param>
public sealed record DuplicateGroup(string Text, string? Text2, IReadOnlyList<RowPlace> Places, IReadOnlyList<string> Labels, bool IsExact)
{
    /// <summary>Whether the rows have different labels: at most one of them can be right.</summary>
    public bool IsConflicting => Labels.Count > 1;

    /// <summary>Whether the rows are of more than one part: what is tested on was learnt.</summary>
    public bool IsLeak => Places.Any(p => p.Part != Places[0].Part);

    /// <summary>Whether two of the rows are of the same part.</summary>
    public bool IsRepeated => Places.GroupBy(p => p.Part, StringComparer.Ordinal).Any(g => g.Skip(1).Any());
}
