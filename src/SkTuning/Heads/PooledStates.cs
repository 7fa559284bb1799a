using SkTuning.Batches;
using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Heads;

/// <summary>The states that a head sees.</summary>
internal static class PooledStates
{
    /// <summary>Runs the model and pools, [M,D]: the method's own way where it has one, the chosen tokens where there are any, else as <paramref name="pooling"/> says. Where that is one token of each row, the last layer computes no other.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="batch">Rows.</param>
    /// <param name="pooling">What the head was made with.</param>
    /// <param name="query">The trained query [D] of <see cref="Pooling.Attention"/>.</param>
    public static Tensor Of(ForwardPass pass, TokenBatch batch, Pooling pooling, Tensor? query = null)
        => pass.Pooling is { } own ? own(pass.Run(batch), pass.Training) : OfTokens(pass, batch, pooling, query);

    /// <summary>The same, whatever the method's own way.</summary>
    public static Tensor OfTokens(ForwardPass pass, TokenBatch batch, Pooling pooling, Tensor? query = null)
    {
        if (batch.Places is { } places) return pass.Run(batch).Text.flatten(0, 1).index_select(0, places);
        return pooling switch
        {
            Pooling.Last => One(AnswerPlaces.Of(batch)),
            Pooling.First => One(AnswerPlaces.First(batch)),
            _ => pooling.Pool(pass.Run(batch).Text, batch.Mask, query),
        };

        Tensor One(Tensor place) => pass.Run(batch, r => r with { Outputs = place }).Hidden.squeeze(1);
    }
}
