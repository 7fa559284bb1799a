using System.Collections.Concurrent;

namespace SkTuning.Adapters;

/// <summary>Things that are made once for each key. Whoever asks for one that is being made waits for it; others do not wait.</summary>
internal sealed class OnceTable<T>
{
    private readonly ConcurrentDictionary<string, T> _made = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lock> _gates = new(StringComparer.Ordinal);
    private int _found;

    /// <summary>The number of times that something was found and did not have to be made again.</summary>
    public int Found => _found;

    public IEnumerable<T> Values => _made.Values;

    /// <summary>Returns the thing with a key, and makes it the first time.</summary>
    public T Get(string key, Func<T> make)
    {
        lock (Gate(key))
        {
            if (!_made.TryGetValue(key, out var made)) return _made[key] = make();
            Interlocked.Increment(ref _found);
            return made;
        }
    }

    /// <summary>Returns the thing with a key if it serves, or what <paramref name="make"/> makes from the one that there is; null is not kept.</summary>
    public T? Get(string key, Func<T, bool> serves, Func<T?, T?> make)
    {
        lock (Gate(key))
        {
            if (_made.TryGetValue(key, out var made) && serves(made))
            {
                Interlocked.Increment(ref _found);
                return made;
            }
            var next = make(made);
            if (next is not null) _made[key] = next;
            return next;
        }
    }

    private Lock Gate(string key) => _gates.GetOrAdd(key, _ => new());
}
