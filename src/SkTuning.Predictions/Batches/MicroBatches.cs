using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace SkTuning.Classifiers;

/// <summary>Groups a stream into small batches by time: an item waits for others no longer than a latency.</summary>
internal static class MicroBatches
{
    /// <summary>The maximum time that a canceled source has to release what it holds before it is left to itself.</summary>
    private static readonly TimeSpan EndOfSource = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan MaxLatency = TimeSpan.FromMilliseconds(int.MaxValue);

    /// <param name="source">The stream, which is read ahead by up to two batches.</param>
    /// <param name="maxItems">The maximum number of items of a batch.</param>
    /// <param name="latency">The maximum time that an item waits for others; zero to take only those at hand.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    public static async IAsyncEnumerable<IReadOnlyList<T>> Of<T>(IAsyncEnumerable<T> source, int maxItems, TimeSpan latency,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<T>(new BoundedChannelOptions(2 * maxItems) { SingleReader = true, SingleWriter = true });
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = Task.Run(() => ReadAsync(source, channel.Writer, stop.Token), CancellationToken.None);
        try
        {
            while (await channel.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
                yield return await CollectAsync(channel.Reader, maxItems, latency, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            // A source that does not observe cancellation, such as a console, is not waited for: it ends with its next item.
            await Task.WhenAny(reading, Task.Delay(EndOfSource, CancellationToken.None)).ConfigureAwait(false);
            _ = reading.ContinueWith(_ => stop.Dispose(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private static async Task ReadAsync<T>(IAsyncEnumerable<T> source, ChannelWriter<T> writer, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var item in source.WithCancellation(cancellationToken).ConfigureAwait(false))
                await writer.WriteAsync(item, cancellationToken).ConfigureAwait(false);
            writer.Complete();
        }
        catch (Exception e) { writer.Complete(e); }                     // the reader throws it after the items before it
    }

    private static async Task<IReadOnlyList<T>> CollectAsync<T>(ChannelReader<T> reader, int maxItems, TimeSpan latency, CancellationToken cancellationToken)
    {
        var batch = new List<T>();
        while (batch.Count < maxItems && reader.TryRead(out var item)) batch.Add(item);
        if (batch.Count == maxItems || latency == TimeSpan.Zero) return batch;
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        time.CancelAfter(latency < MaxLatency ? latency : MaxLatency);
        try
        {
            while (batch.Count < maxItems && await reader.WaitToReadAsync(time.Token).ConfigureAwait(false))
                while (batch.Count < maxItems && reader.TryRead(out var item)) batch.Add(item);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested) { }
        catch (Exception) when (batch.Count > 0 && !cancellationToken.IsCancellationRequested) { }     // the source failed: what came before is predicted first
        return batch;
    }
}
