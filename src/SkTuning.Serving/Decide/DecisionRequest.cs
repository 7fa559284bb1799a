using System.Text.Json;
using Microsoft.Extensions.AI;

namespace SkTuning.Serving;

/// <summary>Questions about a state.</summary>
public sealed class DecisionRequest
{
    /// <summary>Initializes a request.</summary>
    /// <param name="state">
    /// The state. An <see cref="EngineDecisionClient"/> reads a string, or an object with <c>text</c> and, for a pair, <c>text2</c>.
    /// </param>
    /// <param name="questions">The questions, with different identifiers.</param>
    /// <exception cref="ArgumentException">Two questions have the same identifier.</exception>
    public DecisionRequest(JsonElement state, IEnumerable<DecisionQuestion> questions)
    {
        ArgumentNullException.ThrowIfNull(questions);
        (State, Questions) = (state, [.. questions]);
        var ids = new HashSet<string>(StringComparer.Ordinal);
        if (Questions.FirstOrDefault(q => !ids.Add(q.Id)) is { } twice)
            throw new ArgumentException($"Two questions have the identifier '{twice.Id}'.", nameof(questions));
    }

    /// <summary>Gets or sets the state.</summary>
    public JsonElement State { get; set; }

    /// <summary>Gets the questions.</summary>
    public IList<DecisionQuestion> Questions { get; }
}

/// <summary>The answers to a <see cref="DecisionRequest"/>.</summary>
/// <param name="answers">The answers, by the identifiers of their questions.</param>
public sealed class DecisionResponse(IDictionary<string, DecisionAnswer> answers)
{
    /// <summary>Gets the answers, by the identifiers of their questions.</summary>
    public IDictionary<string, DecisionAnswer> Answers { get; } = answers;

    /// <summary>Gets or sets the identifier of the model.</summary>
    public string? ModelId { get; set; }

    /// <summary>Gets or sets properties that a client adds.</summary>
    public AdditionalPropertiesDictionary? AdditionalProperties { get; set; }
}

/// <summary>The options of a call of <see cref="IDecisionClient.GetResponseAsync"/>.</summary>
public class DecisionOptions
{
    /// <summary>Gets or sets the identifier of the model. An <see cref="EngineDecisionClient"/> has one model and does not read it.</summary>
    public string? ModelId { get; set; }

    /// <summary>Gets or sets properties that a client reads.</summary>
    public AdditionalPropertiesDictionary? AdditionalProperties { get; set; }
}
