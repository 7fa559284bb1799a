using System.Text.Json;
using SkTuning.Serving.Decide;

namespace SkTuning.Serving;

/// <summary>
/// Answers questions with the adapters of a <see cref="ClassifierEngine"/>: an adapter for each question, whose probabilities are calibrated as its training
/// calibrated them. Its name is <see cref="AdapterProperty"/> of the question, or the identifier of the question. All members are thread-safe. It does not
/// own the engine.
/// <list type="bullet">
/// <item>A <see cref="BinaryDecisionQuestion"/> asks for the probability of one label of a multi-label adapter, or of a single-label adapter with two
/// labels; <see cref="LabelProperty"/> names it.</item>
/// <item>A <see cref="ChoiceDecisionQuestion"/> asks for the label of a single-label adapter.</item>
/// <item>A <see cref="ScoreDecisionQuestion"/> asks for the level of an ordinal adapter, or the number of a regression.</item>
/// </list>
/// </summary>
public sealed class EngineDecisionClient : IDecisionClient
{
    /// <summary>The key in <see cref="DecisionQuestion.AdditionalProperties"/> of the name of the adapter.</summary>
    public const string AdapterProperty = "adapter";

    /// <summary>The key in <see cref="DecisionQuestion.AdditionalProperties"/> of the label that means yes.</summary>
    public const string LabelProperty = "label";

    private readonly ClassifierEngine _engine;

    /// <summary>Creates a client.</summary>
    /// <param name="engine">The engine, which must outlive the client.</param>
    public EngineDecisionClient(ClassifierEngine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        _engine = engine;
    }

    /// <summary>Answers every question of a request. The adapters of the questions read the text at the same time, each of them once.</summary>
    /// <inheritdoc/>
    /// <exception cref="SkTuningException">A question does not fit its adapter, or the state is no text; the message names both.</exception>
    public async Task<DecisionResponse> GetResponseAsync(DecisionRequest request, DecisionOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var text = TextOf(request.State);
        (DecisionQuestion Question, string Adapter)[] asked = [.. request.Questions.Select(q => (q, AdapterOf(q)))];
        foreach (var (question, adapter) in asked)
            AnswerMaker.Check(question, _engine.Find(adapter) ?? throw new UnknownAdapterException(adapter));
        string[] adapters = [.. asked.Select(a => a.Adapter).Distinct(StringComparer.Ordinal)];
        var predictions = await Task.WhenAll(adapters.Select(a => _engine.ClassifyAsync(a, [text], cancellationToken))).ConfigureAwait(false);
        var answers = new Dictionary<string, DecisionAnswer>(StringComparer.Ordinal);
        foreach (var (question, adapter) in asked)
        {
            var prediction = predictions[Array.IndexOf(adapters, adapter)][0];
            if (prediction.Error is { } error) throw new SkTuningException($"The question '{question.Id}' has no answer: {error}");
            answers[question.Id] = AnswerMaker.Answer(question, prediction);
        }
        return new(answers) { ModelId = Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(_engine.Model.Describe().Source)) };
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ClassifierEngine) ? _engine
            : serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>Does nothing: the engine belongs to the caller.</summary>
    public void Dispose() { }

    private static string AdapterOf(DecisionQuestion question)
        => question.AdditionalProperties?.TryGetValue(AdapterProperty, out string? adapter) == true && adapter is { Length: > 0 } ? adapter : question.Id;

    private static (string Text, string? Text2) TextOf(JsonElement state)
    {
        const string Expected = "a string, or an object with the strings 'text' and, for a pair, 'text2'";
        if (state.ValueKind == JsonValueKind.String) return (state.GetString()!, null);
        if (state.ValueKind != JsonValueKind.Object)
            throw new SkTuningException($"DecisionRequest.State is JSON of the kind {state.ValueKind}, expected {Expected}.");
        string? text = null, text2 = null;
        foreach (var property in state.EnumerateObject())
        {
            if (property.Name is not ("text" or "text2") || property.Value.ValueKind != JsonValueKind.String)
                throw new SkTuningException($"DecisionRequest.State has '{property.Name}' of the kind {property.Value.ValueKind}, expected {Expected}.");
            if (property.Name == "text") text = property.Value.GetString();
            else text2 = property.Value.GetString();
        }
        return (text ?? throw new SkTuningException($"DecisionRequest.State has no 'text', expected {Expected}."), text2);
    }
}
