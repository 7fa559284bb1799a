using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>
/// What went wrong in a backward pass. An exception where libtorch calls us from would end the process: the gradients are no numbers then, and this says why. Each thread that computes has its own, which what is
/// to be done in backward remembers: on a GPU that is on a thread of libtorch's.
/// </summary>
internal sealed class BackwardFailure
{
    [ThreadStatic] private static BackwardFailure? _here;

    private SkTuningException? _failure;

    /// <summary>This thread's.</summary>
    public static BackwardFailure Here => _here ??= new();

    /// <summary>Notes the first of several.</summary>
    /// <param name="what">What could not be done.</param>
    /// <param name="failure">Why.</param>
    public void Note(string what, Exception failure)
        => Interlocked.CompareExchange(ref _failure, failure as SkTuningException ?? new($"{what} in the last backward pass ({failure.Message.ReplaceLineEndings(" ")}), whose gradients are not numbers.", failure), null);

    /// <summary>Throws what was noted of this thread's passes, once.</summary>
    public static void Throw()
    {
        if (Interlocked.Exchange(ref Here._failure, null) is { } failure) throw failure;
    }

    /// <summary>Forgets what was noted: a pass that itself threw has told why.</summary>
    public static void Forget() => Interlocked.Exchange(ref Here._failure, null);

    /// <summary>A gradient that is no number: one value seen everywhere, for memory may be what there was too little of. Null, which counts as zero, where not even that can be had.</summary>
    public static Tensor? NotNumbers(long[] shape, Tensor like)
    {
        try
        {
            using var scope = NewDisposeScope();
            return full(1, float.NaN.Kept(), like.dtype, like.device).expand(shape).DetachFromDisposeScope();
        }
        catch (Exception) { return null; }
    }

    /// <summary>Work in backward whose own passes are part of what this belongs to, whatever thread it is on.</summary>
    public T During<T>(Func<T> work)
    {
        var before = _here;
        _here = this;
        try { return work(); }
        finally { _here = before; }
    }
}
