using System.Runtime.CompilerServices;
using SkTuning.Classifiers;

namespace SkTuning.Answers;

/// <summary>Predicts streams of texts.</summary>
internal static class TextStream
{
    private const int MaxTexts = 64;
    private static readonly TimeSpan DefaultLatency = TimeSpan.FromMilliseconds(20);

    /// <summary>Predicts a stream of texts, in their order, on a background thread, while the stream is read on.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="latency">The maximum time that a text waits for others, or <see cref="Timeout.InfiniteTimeSpan"/>; null for 20 ms.</param>
    /// <param name="predict">Predicts texts that arrived together.</param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    public static async IAsyncEnumerable<TPrediction> Predict<TPrediction>(IAsyncEnumerable<string> texts, TimeSpan? latency,
        Func<IReadOnlyList<string>, CancellationToken, IReadOnlyList<TPrediction>> predict, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var wait = latency ?? DefaultLatency;
        if (wait != Timeout.InfiniteTimeSpan) ArgumentOutOfRangeException.ThrowIfLessThan(wait, TimeSpan.Zero, nameof(latency));
        await foreach (var batch in MicroBatches.Of(texts, MaxTexts, wait, cancellationToken).ConfigureAwait(false))
        {
            var predictions = await Task.Run(() => predict(batch, cancellationToken), cancellationToken).ConfigureAwait(false);
            foreach (var prediction in predictions) yield return prediction;
        }
    }
}
