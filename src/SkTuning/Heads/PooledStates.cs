using SkTuning.Batches;
using static TorchSharp.torch;

namespace SkTuning.Heads;

/// <summary>Computes the states that a head sees.</summary>
internal static class PooledStates
{
    /// <summary>
    /// Runs the model and pools its states, [M,D]: with the method's own pooling if it has one, at the chosen tokens if there are any, and with
    /// <paramref name="pooling"/> otherwise. If only one token of each row is needed, the last layer computes no other.
    /// </summary>
    /// <param name="pass">The pass.</param>
    /// <param name="batch">The rows.</param>
    /// <param name="pooling">The pooling of the head.</param>
    /// <param name="query">The trained query [D] of <see cref="Pooling.Attention"/>.</param>
    public static Tensor Of(ForwardPass pass, TokenBatch batch, Pooling pooling, Tensor? query = null)
        => pass.Pooling is { } own ? own(pass.Run(batch), pass.Training) : OfTokens(pass, batch, pooling, query);

    /// <summary>Does the same without the method's own pooling.</summary>
    public static Tensor OfTokens(ForwardPass pass, TokenBatch batch, Pooling pooling, Tensor? query = null)
    {
        if (batch.AnswerPositions is { } positions) return pass.Run(batch).Text.flatten(0, 1).index_select(0, positions);
        return pooling switch
        {
            Pooling.Last => One(AnswerPositions.Of(batch)),
            Pooling.First => One(AnswerPositions.First(batch)),
            _ => pooling.Pool(pass.Run(batch).Text, batch.Mask, query),
        };

        Tensor One(Tensor position) => pass.Run(batch, r => r with { Outputs = position }).Hidden.squeeze(1);
    }
}
