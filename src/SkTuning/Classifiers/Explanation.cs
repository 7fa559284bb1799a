using SkTuning.Tokenizers.Regex;

namespace SkTuning;

/// <summary>How words are weighed.</summary>
public enum ExplanationKind
{
    /// <summary>A word's weight is what the label's log-probability loses when the word is left out: one pass a word, easy to understand.</summary>
    Occlusion,

    /// <summary>A word's weight is the gradient of the label's log-probability times its embeddings: one pass for all words, a first-order guess of the same.</summary>
    GradientTimesInput,
}

/// <summary>Which words moved a prediction.</summary>
/// <param name="Label">The label that is explained.</param>
/// <param name="Probability">Its probability with all words.</param>
/// <param name="Words">The words in their order.</param>
public sealed record Explanation(string Label, double Probability, IReadOnlyList<WordWeight> Words)
{
    /// <summary>The words from the one that spoke most for the label to the one that spoke most against it.</summary>
    public IEnumerable<WordWeight> Ranked => Words.OrderByDescending(w => w.Weight);
}

/// <summary>One word of an explained text.</summary>
/// <param name="Text">The word.</param>
/// <param name="Place">Where it stands in the text.</param>
/// <param name="Weight">Above 0: it spoke for the label; below: against it. In units of log-probability.</param>
public sealed record WordWeight(string Text, TextSpan Place, double Weight);
