namespace SkTuning;

/// <summary>Specifies what decides whether a text belongs to none of the labels. For all of them, a higher value means: farther from every label.</summary>
public enum RejectionScore
{
    /// <summary>1 minus the probability of the predicted label (Hendrycks and Gimpel 2017).</summary>
    MaximumProbability,

    /// <summary>-T log sum exp(z / T) of the scores z of the labels, with the temperature T of the classifier (Liu et al. 2020).</summary>
    Energy,

    /// <summary>
    /// The squared Mahalanobis distance of the features from the nearest mean of a label (Lee et al. 2018). All labels share one covariance, shrunk as Ledoit
    /// and Wolf (2004) estimate.
    /// </summary>
    Mahalanobis,

    /// <summary>The mean distance of the features from those of the nearest training rows, by default of one (Sun et al. 2022).</summary>
    NearestNeighbors,
}
