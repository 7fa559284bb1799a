using Microsoft.Extensions.AI;

namespace SkTuning.Serving;

/// <summary>A question whose answers are known before it is asked.</summary>
public abstract class DecisionQuestion
{
    private protected DecisionQuestion(string id, string instructions)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(id);
        ArgumentException.ThrowIfNullOrWhiteSpace(instructions);
        (Id, Instructions) = (id, instructions);
    }

    /// <summary>Gets the identifier, which is unique in a request.</summary>
    public string Id { get; }

    /// <summary>Gets or sets the question in words.</summary>
    public string Instructions { get; set; }

    /// <summary>Gets or sets properties that a client reads, such as <see cref="EngineDecisionClient.AdapterProperty"/>.</summary>
    public AdditionalPropertiesDictionary? AdditionalProperties { get; set; }
}

/// <summary>A question that is answered by yes or no.</summary>
/// <param name="id">The identifier, which is unique in a request.</param>
/// <param name="instructions">The question in words.</param>
public sealed class BinaryDecisionQuestion(string id, string instructions) : DecisionQuestion(id, instructions);

/// <summary>A question that is answered by one of several choices.</summary>
public sealed class ChoiceDecisionQuestion : DecisionQuestion
{
    /// <summary>Initializes a question.</summary>
    /// <param name="id">The identifier, which is unique in a request.</param>
    /// <param name="instructions">The question in words.</param>
    /// <param name="choices">The choices, with different names.</param>
    public ChoiceDecisionQuestion(string id, string instructions, IEnumerable<DecisionChoice> choices) : base(id, instructions)
    {
        ArgumentNullException.ThrowIfNull(choices);
        Choices = [.. choices];
    }

    /// <summary>Gets the choices. An <see cref="EngineDecisionClient"/> accepts none for all labels of the adapter.</summary>
    public IList<DecisionChoice> Choices { get; }
}

/// <summary>A possible answer of a <see cref="ChoiceDecisionQuestion"/>.</summary>
public sealed class DecisionChoice
{
    /// <summary>Initializes a choice.</summary>
    /// <param name="name">The name.</param>
    /// <param name="description">What it means.</param>
    public DecisionChoice(string name, string? description = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        (Name, Description) = (name, description);
    }

    /// <summary>Gets the name.</summary>
    public string Name { get; }

    /// <summary>Gets or sets what it means.</summary>
    public string? Description { get; set; }
}

/// <summary>A question that is answered by a position on a scale of levels.</summary>
public sealed class ScoreDecisionQuestion : DecisionQuestion
{
    /// <summary>Initializes a question.</summary>
    /// <param name="id">The identifier, which is unique in a request.</param>
    /// <param name="instructions">The question in words.</param>
    /// <param name="levels">The levels, lowest first.</param>
    public ScoreDecisionQuestion(string id, string instructions, IEnumerable<DecisionScoreLevel> levels) : base(id, instructions)
    {
        ArgumentNullException.ThrowIfNull(levels);
        Levels = [.. levels];
    }

    /// <summary>Gets the levels, lowest first. An <see cref="EngineDecisionClient"/> accepts none for all levels of the adapter.</summary>
    public IList<DecisionScoreLevel> Levels { get; }
}

/// <summary>A level of a <see cref="ScoreDecisionQuestion"/>.</summary>
/// <param name="description">What it means.</param>
public sealed class DecisionScoreLevel(string description)
{
    /// <summary>Gets or sets what it means.</summary>
    public string Description { get; set; } = description;
}
