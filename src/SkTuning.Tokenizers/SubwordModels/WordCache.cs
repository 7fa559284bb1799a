using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SkTuning.Tokenizers.SubwordModels;

/// <summary>
/// A cache of words and their tokens: the ids, and the number of symbols of the word that each token covers. Everything is stored in three arrays, so a hit
/// costs one hash and one comparison and allocates nothing. When the cache is full it is cleared, which bounds the memory; frequent words are soon added again.
/// </summary>
internal sealed class WordCache
{
    private const int MaxWords = 1 << 16;
    private const int MaxChars = 1 << 20;
    private const int MaxValues = 1 << 20;

    private struct Entry
    {
        public uint Hash;
        public int Key;
        public int Value;
        public ushort KeyLength;
        public ushort Tokens;
    }

    // At most half of the slots are used. Tokens is the number of tokens plus one, so that 0 marks a free slot.
    private Entry[] _entries = new Entry[1 << 10];
    private char[] _chars = new char[1 << 12];
    private int[] _values = new int[1 << 12];
    private int _words, _charsUsed, _valuesUsed;

    /// <summary>Returns the tokens of a word: their ids, and their lengths in symbols.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(ReadOnlySpan<char> word, out uint hash, out ReadOnlySpan<int> ids, out ReadOnlySpan<int> lengths)
    {
        hash = Hash(word);
        var mask = (uint)_entries.Length - 1;
        for (var slot = hash & mask; ; slot = (slot + 1) & mask)
        {
            ref var entry = ref _entries[slot];
            if (entry.Tokens == 0) break;
            if (entry.Hash != hash || entry.KeyLength != word.Length || !word.SequenceEqual(_chars.AsSpan(entry.Key, entry.KeyLength))) continue;
            var count = entry.Tokens - 1;
            ids = _values.AsSpan(entry.Value, count);
            lengths = _values.AsSpan(entry.Value + count, count);
            return true;
        }
        ids = lengths = default;
        return false;
    }

    /// <summary>Adds the tokens of a word that is not in the cache.</summary>
    public void Add(ReadOnlySpan<char> word, uint hash, ReadOnlySpan<int> ids, ReadOnlySpan<int> lengths)
    {
        if (ids.Length >= ushort.MaxValue) return;
        if (_words >= MaxWords || _charsUsed + word.Length > MaxChars || _valuesUsed + ids.Length * 2 > MaxValues) Clear();
        if (_words * 2 >= _entries.Length) Widen();
        if (_charsUsed + word.Length > _chars.Length) Array.Resize(ref _chars, _chars.Length * 2);
        while (_valuesUsed + ids.Length * 2 > _values.Length) Array.Resize(ref _values, _values.Length * 2);
        word.CopyTo(_chars.AsSpan(_charsUsed));
        ids.CopyTo(_values.AsSpan(_valuesUsed));
        lengths.CopyTo(_values.AsSpan(_valuesUsed + ids.Length));
        Place(new() { Hash = hash, Key = _charsUsed, Value = _valuesUsed, KeyLength = (ushort)word.Length, Tokens = (ushort)(ids.Length + 1) });
        _charsUsed += word.Length;
        _valuesUsed += ids.Length * 2;
        _words++;
    }

    private void Clear()
    {
        Array.Clear(_entries);
        (_words, _charsUsed, _valuesUsed) = (0, 0, 0);
    }

    private void Widen()
    {
        var old = _entries;
        _entries = new Entry[old.Length * 2];
        foreach (var entry in old)
            if (entry.Tokens != 0) Place(entry);
    }

    private void Place(Entry entry)
    {
        var mask = (uint)_entries.Length - 1;
        var slot = entry.Hash & mask;
        while (_entries[slot].Tokens != 0) slot = (slot + 1) & mask;
        _entries[slot] = entry;
    }

    /// <summary>Hashes four characters at a time by multiplying and folding. The hash is never stored, so it may differ between machines.</summary>
    private static uint Hash(ReadOnlySpan<char> word)
    {
        const ulong factor = 0x9E3779B97F4A7C15;
        var bytes = MemoryMarshal.AsBytes(word);
        var hash = (ulong)word.Length * factor;
        while (bytes.Length >= 8)
        {
            hash = Fold(hash ^ MemoryMarshal.Read<ulong>(bytes), factor);
            bytes = bytes[8..];
        }
        if (bytes.Length >= 4)
        {
            hash ^= (ulong)MemoryMarshal.Read<uint>(bytes) << 16;
            bytes = bytes[4..];
        }
        if (bytes.Length >= 2) hash ^= MemoryMarshal.Read<ushort>(bytes);
        hash = Fold(hash, factor);
        return (uint)(hash ^ (hash >> 32));
    }

    private static ulong Fold(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }
}
