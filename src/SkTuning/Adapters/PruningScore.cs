namespace SkTuning;

/// <summary>What decides which feed-forward units a pruned model keeps.</summary>
public enum PruningScore
{
    /// <summary>
    /// Gradient times activation of the logarithm of the right answer's probability, under an adapter that was trained on the whole model: summed over the
    /// positions of a row, and its absolute values over the rows (arXiv 2404.11916).
    /// </summary>
    Attribution,

    /// <summary>Chance, as a control.</summary>
    Random,

    /// <summary>The norm of the unit's weights, as a control.</summary>
    Magnitude,

    /// <summary>The norm of the unit's activations on the training rows, as a control.</summary>
    Activation,
}
