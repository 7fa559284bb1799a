namespace SkTuning.Compare;

/// <summary>The trial that dev chose for a method, a data set and a seed, on the test rows.</summary>
public sealed record ComparisonScore
{
    /// <summary>The data set's name.</summary>
    public required string DataSet { get; init; }

    /// <summary>The method's name.</summary>
    public required string Method { get; init; }

    /// <summary>The seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The learning rate that dev chose; null for a method that has none.</summary>
    public double? Rate { get; init; }

    /// <summary>The <see cref="ComparisonTrial.Key"/> of the trial chosen.</summary>
    public required string Trial { get; init; }

    /// <summary>The data set's metric on the dev rows.</summary>
    public required double DevScore { get; init; }

    /// <summary>The data set's metric on the test rows.</summary>
    public required double Score { get; init; }

    /// <summary>Accuracy on the test rows.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Macro F1 on the test rows.</summary>
    public required double MacroF1 { get; init; }

    /// <summary>Matthews' correlation on the test rows.</summary>
    public required double Mcc { get; init; }

    /// <summary>Precision, recall and F1 of every class, in the order of <see cref="ComparedDataSet.Labels"/>.</summary>
    public required IReadOnlyList<ComparisonClass> Classes { get; init; }

    /// <summary>The predicted class of every test row, from 0.</summary>
    public required IReadOnlyList<int> Predicted { get; init; }

    /// <summary>The probability of each predicted class, to four digits; empty for a method without probabilities.</summary>
    public required IReadOnlyList<double> Confidence { get; init; }

    /// <summary>Seconds for all test rows.</summary>
    public required double Seconds { get; init; }
}

/// <summary>How one class fared on the test rows.</summary>
/// <param name="Label">Its label.</param>
/// <param name="Precision">0 to 1.</param>
/// <param name="Recall">0 to 1.</param>
/// <param name="F1">0 to 1.</param>
/// <param name="Rows">How many test rows truly are of it.</param>
public sealed record ComparisonClass(string Label, double Precision, double Recall, double F1, int Rows);
