namespace SkTuning;

/// <summary>Specifies how the words of a text are weighted in an <see cref="Explanation"/>.</summary>
public enum ExplanationKind
{
    /// <summary>The weight of a word is what the label's log-probability loses when the word is removed: one pass per word, easy to understand.</summary>
    Occlusion,

    /// <summary>
    /// The weight of a word is the gradient of the label's log-probability times the word's embeddings: one pass for all words, a
    /// first-order estimate of the same.
    /// </summary>
    GradientTimesInput,
}

/// <summary>The words that moved a prediction.</summary>
/// <param name="Label">The label that is explained.</param>
/// <param name="Probability">The label's probability with all words.</param>
/// <param name="Words">The words, in their order.</param>
public sealed record Explanation(string Label, double Probability, IReadOnlyList<WordWeight> Words)
{
    /// <summary>Gets the words from the one that supports the label most to the one that opposes it most.</summary>
    public IEnumerable<WordWeight> Ranked => Words.OrderByDescending(w => w.Weight);

    /// <summary>Returns the label, its probability, and the words of <see cref="Ranked"/> with their weights in one line.</summary>
    public override string ToString() => FormattableString.Invariant($"{Label}\t{Probability:F4}\t")
        + string.Join(" ", Ranked.Select(w => FormattableString.Invariant($"{w.Text} {w.Weight:+0.00;-0.00;0.00}")));
}

/// <summary>One word of an explained text.</summary>
/// <param name="Text">The word.</param>
/// <param name="Span">The characters of the text that it occupies.</param>
/// <param name="Weight">Above 0 if the word supports the label, below 0 if it opposes it; in units of log-probability.</param>
public sealed record WordWeight(string Text, TextSpan Span, double Weight);
