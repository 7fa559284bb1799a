namespace SkTuning.Diagnostics;

/// <summary>A row whose label may be wrong: a head that was fitted without the row is confident of another label.</summary>
/// <param name="Index">The index of the row, from 0.</param>
/// <param name="Row">The row.</param>
/// <param name="Suggested">The label that is more likely.</param>
/// <param name="Probability">The probability of the row's label.</param>
/// <param name="SuggestedProbability">The probability of the other label.</param>
public sealed record LabelIssue(int Index, Row Row, string Suggested, double Probability, double SuggestedProbability);

/// <summary>Two rows with nearly the same text and different labels, of which at most one can be correct.</summary>
/// <param name="Index">The index of the first row, from 0.</param>
/// <param name="OtherIndex">The index of the second row.</param>
/// <param name="Row">The first row.</param>
/// <param name="Other">The second row.</param>
/// <param name="Similarity">The cosine of their features, at most 1.</param>
public sealed record LabelConflict(int Index, int OtherIndex, Row Row, Row Other, double Similarity);

/// <summary>Two labels that are hard to distinguish.</summary>
/// <param name="Label">The first label.</param>
/// <param name="Other">The second label.</param>
/// <param name="Rows">The number of rows of one that were predicted as the other.</param>
/// <param name="Fraction">Their fraction of the rows of both that were predicted as one of the two: 0.5 is chance.</param>
/// <param name="Texts">The texts that describe the first label.</param>
/// <param name="OtherTexts">The texts that describe the second label.</param>
public sealed record ConfusedLabels(string Label, string Other, int Rows, double Fraction, IReadOnlyList<string> Texts, IReadOnlyList<string> OtherTexts);

/// <summary>What more rows of a label would change, estimated from the learning curve of the label.</summary>
/// <param name="Label">The label.</param>
/// <param name="Rows">The number of its rows.</param>
/// <param name="Errors">
/// Its expected error, from 0 to 1, with a quarter, half and all of the rows of every label: the mean probability of all other labels.
/// </param>
/// <param name="MoreRows">A number of further rows.</param>
/// <param name="ExpectedError">The expected error with them.</param>
public sealed record LabelNeed(string Label, int Rows, IReadOnlyList<double> Errors, int MoreRows, double ExpectedError)
{
    /// <summary>Gets the part of the error that the further rows would remove.</summary>
    public double Gain => Errors[^1] - ExpectedError;
}
