namespace SkTuning.Serving;

/// <summary>
/// Answers questions about a state with probabilities. This type and the types of its questions and answers have the shapes that are proposed for
/// Microsoft.Extensions.AI (dotnet/extensions#7764). Once that package has them, they replace these.
/// </summary>
public interface IDecisionClient : IDisposable
{
    /// <summary>Answers every question of a request.</summary>
    /// <param name="request">The state and the questions.</param>
    /// <param name="options">The options of the call; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>An answer to each question, by the identifier of the question.</returns>
    Task<DecisionResponse> GetResponseAsync(DecisionRequest request, DecisionOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Returns an object of a type that the client provides, such as itself, or <see langword="null"/>.</summary>
    /// <param name="serviceType">The type.</param>
    /// <param name="serviceKey">A key that distinguishes objects of the same type.</param>
    object? GetService(Type serviceType, object? serviceKey = null);
}
