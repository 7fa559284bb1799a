namespace SkTuning.Inference;

/// <summary>What a text that is longer than the model may read loses.</summary>
public enum Truncation
{
    /// <summary>Its end.</summary>
    End,

    /// <summary>Its middle: the first quarter of what is kept is the text's beginning, the rest its end (arXiv 1905.05583, "head+tail").</summary>
    Middle,
}
