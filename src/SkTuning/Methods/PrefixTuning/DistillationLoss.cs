namespace SkTuning;

/// <summary>Specifies the distance between the model after a distilled prefix and the model after the whole prompt.</summary>
public enum DistillationLoss
{
    /// <summary>The mean squared difference of the last states of the text's tokens.</summary>
    States,

    /// <summary>One minus the cosine of the last states, in the mean over the text's tokens.</summary>
    Cosine,

    /// <summary>
    /// The Kullback-Leibler divergence of the distributions over the label words, in the mean over the texts. It needs a head that scores words
    /// (<see cref="LabelWordsHeadOptions"/>, <see cref="LikelihoodHeadOptions"/>).
    /// </summary>
    Words,
}
