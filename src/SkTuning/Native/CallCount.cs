namespace SkTuning.Native;

/// <summary>
/// Counts the calls that use the native memory of an object, so that another thread can dispose it at any time: calls under way end as usual, later ones are
/// refused, and the last one releases the memory. Disposing never waits.
/// </summary>
/// <param name="owner">The object, whose type an <see cref="ObjectDisposedException"/> names.</param>
/// <param name="release">Releases the memory. It is called once.</param>
internal sealed class CallCount(object owner, Action release) : IDisposable
{
    private const int Disposed = int.MinValue;

    /// <summary>The counts that calls on this thread are part of: what such a call calls in turn belongs to it, and is not refused.</summary>
    [ThreadStatic] private static List<CallCount>? _here;

    private int _calls;

    /// <summary>Begins a call, which ends when the result is disposed, on the same thread.</summary>
    /// <exception cref="ObjectDisposedException">The object was disposed.</exception>
    public Call Begin()
    {
        var here = _here ??= [];
        for (int seen = Volatile.Read(ref _calls), found; ; seen = found)
        {
            ObjectDisposedException.ThrowIf(seen < 0 && !here.Contains(this), owner);
            found = Interlocked.CompareExchange(ref _calls, seen + 1, seen);
            if (found == seen) break;
        }
        here.Add(this);
        ProcessEnd.BeginWork();
        return new(this, null);
    }

    /// <summary>Begins a call that uses two objects.</summary>
    /// <exception cref="ObjectDisposedException">One of the objects was disposed.</exception>
    public Call Begin(CallCount second)
    {
        Begin();
        try { second.Begin(); }
        catch
        {
            End();
            throw;
        }
        return new(this, second);
    }

    /// <summary>Returns the counts that calls on this thread are part of.</summary>
    public static IReadOnlyList<CallCount> Here() => [.. _here ?? []];

    /// <summary>Makes this thread part of the calls of another one, which waits for it.</summary>
    /// <param name="calls">The counts of the other thread.</param>
    public static void Join(IReadOnlyList<CallCount> calls)
    {
        foreach (var count in calls)
        {
            Interlocked.Increment(ref count._calls);
            (_here ??= []).Add(count);
            ProcessEnd.BeginWork();
        }
    }

    /// <summary>Ends what <see cref="Join"/> began.</summary>
    public static void Leave(IReadOnlyList<CallCount> calls)
    {
        for (var c = calls.Count - 1; c >= 0; c--) calls[c].End();
    }

    /// <summary>Refuses further calls. The memory is released now, or when the last call ends.</summary>
    public void Dispose()
    {
        if (Interlocked.Or(ref _calls, Disposed) == 0) release();
    }

    private void End()
    {
        var here = _here!;
        here.RemoveAt(here.LastIndexOf(this));
        if (Interlocked.Decrement(ref _calls) == Disposed) release();
        ProcessEnd.EndWork();
    }

    /// <summary>A call that uses one object, or two.</summary>
    internal readonly struct Call(CallCount first, CallCount? second) : IDisposable
    {
        public void Dispose()
        {
            second?.End();
            first.End();
        }
    }
}
