namespace SkTuning;

/// <summary>Specifies what to do with a prediction.</summary>
public enum PredictionOutcome
{
    /// <summary>Use the label: it is the only possible one, and the prediction is confident.</summary>
    Answer,

    /// <summary>A few labels are possible: ask the user which of them is meant.</summary>
    Ask,

    /// <summary>Hand the text to a person: too many labels are possible, or the prediction is not confident.</summary>
    Escalate,
}
