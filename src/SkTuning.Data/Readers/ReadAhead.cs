using System.Runtime.CompilerServices;

namespace SkTuning.Data;

/// <summary>What blocks on a file, offered to callers that may not block: some records at a time are read on the thread pool.</summary>
internal static class ReadAhead
{
    private const int Together = 256;

    public static async IAsyncEnumerable<T> Of<T>(IEnumerable<T> records, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var source = records.GetEnumerator();
        SkTuningException? fault = null;
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            var read = await Task.Run(Next, cancel).ConfigureAwait(false);
            foreach (var record in read) yield return record;
            if (fault is not null) throw fault;   // behind the good rows that stood before the bad one
            if (read.Count < Together) yield break;
        }

        List<T> Next()
        {
            var read = new List<T>(Together);
            try
            {
                while (read.Count < Together && source.MoveNext()) read.Add(source.Current);
            }
            catch (SkTuningException e) { fault = e; }
            return read;
        }
    }
}
