namespace SkTuning;

/// <summary>The labels of one text.</summary>
public sealed record MultiLabelPrediction
{
    /// <summary>The labels whose probability reaches their threshold, in the order of the labels; none is an answer too.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>The probability of every label, in the order of the labels; they do not add up to 1.</summary>
    public required IReadOnlyDictionary<string, double> Scores { get; init; }

    /// <summary>True when the text was too long and its end was not read.</summary>
    public bool WasCut { get; init; }

    /// <summary>Why there are no labels, when many texts were given and this one could not be read; null otherwise.</summary>
    public string? Error { get; init; }

    internal static MultiLabelPrediction Failed(string error) => new() { Labels = [], Scores = new Dictionary<string, double>(), Error = error };
}
