using System.Collections.Concurrent;

namespace SkTuning.Adapters;

/// <summary>
/// A table of values that are created once for each key. A caller that needs a value waits while another caller creates it; values of other keys are not
/// affected.
/// </summary>
internal sealed class OnceTable<T>
{
    private readonly ConcurrentDictionary<string, T> _values = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lock> _gates = new(StringComparer.Ordinal);
    private int _found;

    /// <summary>The number of values that were found and did not have to be created.</summary>
    public int Found => _found;

    public IEnumerable<T> Values => _values.Values;

    /// <summary>Returns the value of a key, which is created the first time.</summary>
    public T Get(string key, Func<T> create)
    {
        lock (Gate(key))
        {
            if (!_values.TryGetValue(key, out var value)) return _values[key] = create();
            Interlocked.Increment(ref _found);
            return value;
        }
    }

    /// <summary>
    /// Returns the value of a key if it is usable, or the result of <paramref name="create"/>, which receives the present value; null is not kept.
    /// </summary>
    public T? Get(string key, Func<T, bool> isUsable, Func<T?, T?> create)
    {
        lock (Gate(key))
        {
            if (_values.TryGetValue(key, out var value) && isUsable(value))
            {
                Interlocked.Increment(ref _found);
                return value;
            }
            var next = create(value);
            if (next is not null) _values[key] = next;
            return next;
        }
    }

    private Lock Gate(string key) => _gates.GetOrAdd(key, _ => new());
}
