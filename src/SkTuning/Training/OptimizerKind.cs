namespace SkTuning;

/// <summary>Specifies the optimizer.</summary>
public enum OptimizerKind
{
    /// <summary>Adam with decoupled weight decay (arXiv 1711.05101).</summary>
    AdamW,

    /// <summary>Stochastic gradient descent with momentum and decoupled weight decay.</summary>
    Sgd,

    /// <summary>
    /// Adafactor (arXiv 1804.04235) without momentum: steps in proportion to the size of each tensor, and less memory for matrices.
    /// </summary>
    Adafactor,
}
