namespace SkTuning.Native;

/// <summary>Counts the users of native memory, which the last one releases. Thread-safe.</summary>
internal sealed class UserCount
{
    private int _users = 1;

    /// <summary>Adds a user.</summary>
    /// <param name="used">What is used.</param>
    /// <exception cref="ObjectDisposedException">The last user has released it.</exception>
    public void Add(object used)
    {
        for (int users, seen = Volatile.Read(ref _users); ; seen = users)
        {
            ObjectDisposedException.ThrowIf(seen <= 0, used);
            users = Interlocked.CompareExchange(ref _users, seen + 1, seen);
            if (users == seen) return;
        }
    }

    /// <summary>Removes a user; returns true for the last one, who releases.</summary>
    public bool Remove() => Interlocked.Decrement(ref _users) == 0;
}
