using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>
/// Records an error in a backward pass. An exception in code that libtorch calls would end the process, so the gradients become NaN instead, and this record
/// holds the reason. Each computing thread has its own record. Backward functions keep a reference to it, because on a GPU they run on a thread of libtorch.
/// </summary>
internal sealed class BackwardFailure
{
    [ThreadStatic] private static BackwardFailure? _here;

    private SkTuningException? _failure;

    /// <summary>The record of this thread.</summary>
    public static BackwardFailure Here => _here ??= new();

    /// <summary>Records an error unless there is one already.</summary>
    /// <param name="what">The operation that failed.</param>
    /// <param name="failure">The reason.</param>
    public void Note(string what, Exception failure)
    {
        var reason = failure as SkTuningException
            ?? new($"{what} in the last backward pass ({failure.Message.ReplaceLineEndings(" ")}), so its gradients are NaN.", failure);
        Interlocked.CompareExchange(ref _failure, reason, null);
    }

    /// <summary>Throws the recorded error of this thread's passes, once.</summary>
    public static void Throw()
    {
        if (Interlocked.Exchange(ref Here._failure, null) is { } failure) throw failure;
    }

    /// <summary>Discards the recorded error, after a pass that has already thrown.</summary>
    public static void Forget() => Interlocked.Exchange(ref Here._failure, null);

    /// <summary>
    /// Returns a gradient of NaN: a single value expanded to the shape, because memory may have run out. Null, which counts as zero, if even that value cannot
    /// be allocated.
    /// </summary>
    public static Tensor? NotNumbers(long[] shape, Tensor like)
    {
        try
        {
            using var scope = NewDisposeScope();
            return full(1, float.NaN.Kept(), like.dtype, like.device).expand(shape).DetachFromDisposeScope();
        }
        catch (Exception) { return null; }
    }

    /// <summary>Runs work of a backward pass with this record as the current one, on whatever thread it runs.</summary>
    public T During<T>(Func<T> work)
    {
        var before = _here;
        _here = this;
        try { return work(); }
        finally { _here = before; }
    }
}
