using SkTuning.Batches;

namespace SkTuning.Training;

/// <summary>Compares rows by what the model reads: by length, then by the tokens.</summary>
internal sealed class SameTokens : IEqualityComparer<EncodedRow>, IComparer<EncodedRow>
{
    public static SameTokens Instance { get; } = new();

    public bool Equals(EncodedRow? a, EncodedRow? b) => ReferenceEquals(a, b) || a is not null && b is not null && Compare(a, b) == 0;

    public int GetHashCode(EncodedRow row)
    {
        var hash = new HashCode();
        foreach (var id in row.Ids) hash.Add(id);
        return hash.ToHashCode();
    }

    public int Compare(EncodedRow? a, EncodedRow? b)
    {
        var length = a!.Ids.Length.CompareTo(b!.Ids.Length);
        if (length != 0) return length;
        var ids = a.Ids.AsSpan().SequenceCompareTo(b.Ids);
        return ids != 0 ? ids : (a.TypeIds ?? []).AsSpan().SequenceCompareTo(b.TypeIds ?? []);
    }
}
