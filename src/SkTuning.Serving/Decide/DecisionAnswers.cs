using Microsoft.Extensions.AI;

namespace SkTuning.Serving;

/// <summary>The answer to a <see cref="DecisionQuestion"/>.</summary>
public abstract class DecisionAnswer
{
    private protected DecisionAnswer() { }

    /// <summary>Gets or sets what the answer was made from. For an <see cref="EngineDecisionClient"/>, it is the <see cref="TaskPrediction"/>.</summary>
    public object? RawRepresentation { get; set; }

    /// <summary>Gets or sets properties that a client adds.</summary>
    public AdditionalPropertiesDictionary? AdditionalProperties { get; set; }
}

/// <summary>The answer to a <see cref="BinaryDecisionQuestion"/>.</summary>
/// <param name="trueProbability">The probability of yes, from 0 to 1.</param>
public sealed class BinaryDecisionAnswer(double trueProbability) : DecisionAnswer
{
    /// <summary>Gets or sets the probability of yes, from 0 to 1.</summary>
    public double TrueProbability { get; set; } = trueProbability;
}

/// <summary>The answer to a <see cref="ChoiceDecisionQuestion"/>.</summary>
/// <param name="selectedChoice">The name of the choice.</param>
/// <param name="probabilities">The probability of every choice, by its name; they add up to 1.</param>
public sealed class ChoiceDecisionAnswer(string selectedChoice, IDictionary<string, double> probabilities) : DecisionAnswer
{
    /// <summary>Gets or sets the name of the choice.</summary>
    public string SelectedChoice { get; set; } = selectedChoice;

    /// <summary>Gets the probability of every choice, by its name.</summary>
    public IDictionary<string, double> Probabilities { get; } = probabilities;

    /// <summary>Gets or sets the confidence in the choice, from 0 to 1. For an <see cref="EngineDecisionClient"/>, it is its probability.</summary>
    public double? Confidence { get; set; }
}

/// <summary>The answer to a <see cref="ScoreDecisionQuestion"/>.</summary>
/// <param name="score">The position.</param>
/// <param name="probabilities">The probability of every level, by its index.</param>
public sealed class ScoreDecisionAnswer(double score, IDictionary<int, double> probabilities) : DecisionAnswer
{
    /// <summary>
    /// Gets or sets the position: the mean of the indices of the levels, from 0, weighted by their probabilities. For a regression, it is the number.
    /// </summary>
    public double Score { get; set; } = score;

    /// <summary>Gets the probability of every level, by its index from 0; empty for a regression.</summary>
    public IDictionary<int, double> Probabilities { get; } = probabilities;

    /// <summary>
    /// Gets or sets the confidence in the position, from 0 to 1. For an <see cref="EngineDecisionClient"/>, it is the probability of the median level.
    /// </summary>
    public double? Confidence { get; set; }
}
