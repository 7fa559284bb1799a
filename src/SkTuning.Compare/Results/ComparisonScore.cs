namespace SkTuning.Compare;

/// <summary>The test result of the trial that the dev rows selected for a method, a data set and a seed. Without dev rows, there is only one trial.</summary>
public sealed record ComparisonScore
{
    /// <summary>Gets the name of the data set.</summary>
    public required string DataSet { get; init; }

    /// <summary>Gets the name of the method.</summary>
    public required string Method { get; init; }

    /// <summary>Gets the seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Gets the selected learning rate; null for a method that has none.</summary>
    public double? Rate { get; init; }

    /// <summary>Gets the <see cref="ComparisonTrial.Key"/> of the selected trial.</summary>
    public required string Trial { get; init; }

    /// <summary>Gets the data set's metric on the dev rows; null without dev rows.</summary>
    public double? DevScore { get; init; }

    /// <summary>Gets the data set's metric on the test rows.</summary>
    public required double Score { get; init; }

    /// <summary>Gets the accuracy on the test rows.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Gets the macro F1 on the test rows.</summary>
    public required double MacroF1 { get; init; }

    /// <summary>Gets the Matthews correlation coefficient on the test rows.</summary>
    public required double Mcc { get; init; }

    /// <summary>Gets the precision, recall and F1 of every class, in the order of <see cref="ComparedDataSet.Labels"/>.</summary>
    public required IReadOnlyList<ComparisonClass> Classes { get; init; }

    /// <summary>Gets the index of the predicted class of every test row, from 0.</summary>
    public required IReadOnlyList<int> Predicted { get; init; }

    /// <summary>Gets the probability of each predicted class, rounded to four digits; empty for a method without probabilities.</summary>
    public required IReadOnlyList<double> Confidence { get; init; }

    /// <summary>Gets the time for predicting all test rows, in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Gets the mean number of sequences that the model read to predict a test row; null for a method without a model.</summary>
    public double? Passes { get; init; }
}

/// <summary>The scores of one class on the test rows.</summary>
/// <param name="Label">The label of the class.</param>
/// <param name="Precision">The precision, from 0 to 1.</param>
/// <param name="Recall">The recall, from 0 to 1.</param>
/// <param name="F1">The F1 score, from 0 to 1.</param>
/// <param name="Rows">The number of test rows with this label.</param>
public sealed record ComparisonClass(string Label, double Precision, double Recall, double F1, int Rows);
