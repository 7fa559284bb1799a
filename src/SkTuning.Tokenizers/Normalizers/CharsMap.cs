using System.Buffers.Binary;
using System.Text;

namespace SkTuning.Tokenizers.Normalizers;

/// <summary>
/// SentencePiece's compiled normalization table: the length of a double-array trie (Darts), the trie, and the replacement texts, each terminated by a zero
/// byte. Every index is checked, because the table comes from a file.
/// </summary>
internal sealed class CharsMap
{
    private readonly uint[] _units;
    private readonly byte[] _texts;
    private readonly Dictionary<int, string> _strings = [];

    private CharsMap(byte[] bytes, uint[] units, byte[] texts) => (Bytes, _units, _texts) = (bytes, units, texts);

    public byte[] Bytes { get; }

    /// <summary>Reads a table; returns null if the bytes are not a table.</summary>
    public static CharsMap? Read(byte[] bytes)
    {
        if (bytes.Length < 4) return null;
        var size = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (size == 0 || size % 4 != 0 || size > bytes.Length - 4) return null;
        var units = new uint[size / 4];
        for (var i = 0; i < units.Length; i++) units[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4 + 4 * i));
        var map = new CharsMap(bytes, units, bytes[(int)(4 + size)..]);
        map.Collect();
        return map;
    }

    /// <summary>Returns the replacement of the shortest entry that the key starts with, or null.</summary>
    public string? Shortest(ReadOnlySpan<byte> key) => Walk(key, longest: false, out _);

    /// <summary>Returns the replacement of the longest entry that the key starts with, or null, and the length of that entry.</summary>
    public string? Longest(ReadOnlySpan<byte> key, out int length) => Walk(key, longest: true, out length);

    /// <summary>Determines whether any entry starts with a byte. For most of a text, this quickly rules out a replacement.</summary>
    public bool CanStartWith(byte first)
        => first != 0 && (Offset(_units[0]) ^ first) is var at && at < (uint)_units.Length && (_units[at] & 0x800000FF) == first;

    private string? Walk(ReadOnlySpan<byte> key, bool longest, out int length)
    {
        length = 0;
        string? found = null;
        var at = Offset(_units[0]);
        for (var i = 0; i < key.Length && key[i] != 0; i++)
        {
            at ^= key[i];
            if (at >= (uint)_units.Length) break;
            var unit = _units[at];
            if ((unit & 0x800000FF) != key[i]) break;
            at ^= Offset(unit);
            if ((unit & 0x100) == 0) continue;
            if (at >= (uint)_units.Length) break;
            found = _strings.GetValueOrDefault((int)(_units[at] & 0x7FFFFFFF));
            length = i + 1;
            if (!longest) break;
        }
        return found;
    }

    private static uint Offset(uint unit) => unit >> 10 << (int)((unit & 0x200) >> 6);

    /// <summary>Collects the replacement texts by their start, for every start that a leaf refers to. A text may start within another.</summary>
    private void Collect()
    {
        foreach (var unit in _units)
        {
            var value = (int)(unit & 0x7FFFFFFF);
            if ((unit & 0x80000000) == 0 || value >= _texts.Length || _strings.ContainsKey(value)) continue;
            var end = Array.IndexOf(_texts, (byte)0, value);
            if (end < 0) end = _texts.Length;
            // A damaged table could refer to every start, so only short texts, as in real tables, are kept.
            if (end - value <= 256) _strings[value] = Encoding.UTF8.GetString(_texts, value, end - value);
        }
    }
}
