namespace SkTuning.Models;

/// <summary>Counts the sequences that a model reads, on any number of threads.</summary>
internal sealed class SequenceCount
{
    private long _total;

    public long Total => Interlocked.Read(ref _total);

    public void Add(long sequences) => Interlocked.Add(ref _total, sequences);
}
