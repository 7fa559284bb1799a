using System.Runtime.CompilerServices;

namespace SkTuning.Data;

/// <summary>Makes blocking file reads available to asynchronous callers: the thread pool reads a batch of records at a time.</summary>
internal static class ReadAhead
{
    private const int BatchSize = 256;

    public static async IAsyncEnumerable<T> Of<T>(IEnumerable<T> records, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var source = records.GetEnumerator();
        SkTuningException? fault = null;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var read = await Task.Run(Next, cancellationToken).ConfigureAwait(false);
            foreach (var record in read) yield return record;
            if (fault is not null) throw fault;   // after the good rows before the bad one
            if (read.Count < BatchSize) yield break;
        }

        List<T> Next()
        {
            var read = new List<T>(BatchSize);
            try
            {
                while (read.Count < BatchSize && source.MoveNext()) read.Add(source.Current);
            }
            catch (SkTuningException e) { fault = e; }
            return read;
        }
    }
}
