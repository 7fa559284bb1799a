namespace SkTuning;

/// <summary>The label of one text.</summary>
public sealed record Prediction
{
    /// <summary>The label with the highest probability; empty when <see cref="Error"/> is set.</summary>
    public required string Label { get; init; }

    /// <summary>Its probability, 0 to 1.</summary>
    public required double Confidence { get; init; }

    /// <summary>The probability of every label, in the order of the labels.</summary>
    public required IReadOnlyDictionary<string, double> Scores { get; init; }

    /// <summary>False when the confidence is below what the classifier was told to be sure from: better ask a person. See <see cref="TextClassifier.BeSureFrom"/>.</summary>
    public bool IsSure { get; init; } = true;

    /// <summary>True when the text was too long and its end was not read.</summary>
    public bool WasCut { get; init; }

    /// <summary>Why there is no label, when many texts were given and this one could not be read; null otherwise.</summary>
    public string? Error { get; init; }

    internal static Prediction Failed(string error) => new() { Label = "", Confidence = 0, IsSure = false, Scores = new Dictionary<string, double>(), Error = error };
}
