using System.IO.Compression;

namespace SkTuning.Tokenizers.Text;

/// <summary>
/// The Unicode tables of the reference library, independent of ICU, the culture and the .NET version. They are unpacked on first use.
/// </summary>
internal static partial class UnicodeTables
{
    private static readonly Lazy<Tables> Unpacked = new(Unpack);

    private sealed record Tables
    {
        public required Dictionary<int, int[]> Canonical { get; init; }
        public required Dictionary<int, int[]> Compatible { get; init; }
        public required Dictionary<int, byte> Classes { get; init; }
        public required Dictionary<(int, int), int> Pairs { get; init; }
        public required int[][] Sets { get; init; }
        public required int[] Scripts { get; init; }
        public required Dictionary<int, int> Lower { get; init; }
        public required byte[] Flags { get; init; }
    }

    // The properties of a character of the first plane: bits of Tables.Flags.
    private const byte Decomposes = 1, DecomposesCompatibly = 2, HasClass = 4, IsSecond = 8, ChangesUnderNfc = 16;

    /// <summary>Returns the full canonical or compatibility decomposition of a code point, or null. Hangul syllables are not included.</summary>
    public static int[]? Decomposition(int codePoint, bool compatible)
    {
        var tables = Unpacked.Value;
        if (codePoint < 0x10000 && (tables.Flags[codePoint] & (compatible ? Decomposes | DecomposesCompatibly : Decomposes)) == 0) return null;
        return compatible && tables.Compatible.TryGetValue(codePoint, out var c) ? c : tables.Canonical.GetValueOrDefault(codePoint);
    }

    /// <summary>Returns the canonical combining class of a code point.</summary>
    public static byte CombiningClass(int codePoint)
    {
        var tables = Unpacked.Value;
        return codePoint < 0x10000 && (tables.Flags[codePoint] & HasClass) == 0 ? (byte)0 : tables.Classes.GetValueOrDefault(codePoint);
    }

    /// <summary>Returns the character that two characters compose to, or -1.</summary>
    public static int Compose(int first, int second) => Unpacked.Value.Pairs.TryGetValue((first, second), out var composed) ? composed : -1;

    /// <summary>Returns true if normalization cannot change the text: a quick check that may return false for a normalized text.</summary>
    public static bool IsSurelyNormal(ReadOnlySpan<char> text, bool compose, bool compatible)
    {
        if (System.Text.Ascii.IsValid(text)) return true;
        var flags = Unpacked.Value.Flags;
        var stop = compose
            ? (byte)(HasClass | IsSecond | ChangesUnderNfc | (compatible ? DecomposesCompatibly : 0))
            : (byte)(HasClass | Decomposes | (compatible ? DecomposesCompatibly : 0));
        foreach (var c in text)
            if (char.IsSurrogate(c) || (flags[c] & stop) != 0 || (!compose && c is >= '\uAC00' and <= '\uD7A3')) return false;
        return true;
    }

    /// <summary>Punctuation as BERT and the Punctuation pre-tokenizer define it: ASCII symbols, and P* of Unicode 8.</summary>
    public static bool IsPunctuation(int codePoint) => codePoint < 0x80
        ? codePoint is >= '!' and <= '/' or >= ':' and <= '@' or >= '[' and <= '`' or >= '{' and <= '~'
        : In(0, codePoint);

    /// <summary>Non-spacing marks as BERT's accent stripping defines them: Mn of Unicode 8.</summary>
    public static bool IsNonSpacingMark(int codePoint) => codePoint >= 0x300 && In(1, codePoint);

    /// <summary>Marks as the StripAccents normalizer defines them: M* of Unicode 9.</summary>
    public static bool IsMark(int codePoint) => codePoint >= 0x300 && In(2, codePoint);

    /// <summary>Returns a number that identifies the script of a character, or -1 for none. The numbers are meaningful only for comparing scripts.</summary>
    public static int Script(int codePoint)
    {
        var ranges = Unpacked.Value.Scripts;
        var (low, high) = (0, ranges.Length / 3 - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (codePoint < ranges[middle * 3]) high = middle - 1;
            else if (codePoint >= ranges[middle * 3 + 1]) low = middle + 1;
            else return ranges[middle * 3 + 2];
        }
        return -1;
    }

    /// <summary>Returns the lower case of a code point, or the first character of it.</summary>
    public static int Lower(int codePoint) => Unpacked.Value.Lower.GetValueOrDefault(codePoint, codePoint);

    /// <summary>All code points whose lower case is a different code point.</summary>
    public static IEnumerable<int> WithLower => Unpacked.Value.Lower.Keys;

    private static bool In(int set, int codePoint)
    {
        var ranges = Unpacked.Value.Sets[set];
        var at = Array.BinarySearch(ranges, codePoint);
        // The array holds start, end, start, end...: an even index, or a position after one, is inside a range.
        return at >= 0 ? (at & 1) == 0 : (~at & 1) == 1;
    }

    private static Tables Unpack()
    {
        using var stream = new DeflateStream(new MemoryStream(Convert.FromBase64String(Packed)), CompressionMode.Decompress);
        using var all = new MemoryStream();
        stream.CopyTo(all);
        var reader = new Numbers(all.ToArray());
        var canonical = reader.Mapping();
        var compatible = reader.Mapping();
        var classes = new Dictionary<int, byte>();
        for (int n = reader.Next(), at = 0; n > 0; n--)
        {
            at += reader.Next();
            var (count, value) = (reader.Next(), (byte)reader.Next());
            for (; count > 0; count--) classes[at++] = value;
        }
        var pairs = new Dictionary<(int, int), int>();
        for (int n = reader.Next(), at = 0; n > 0; n--)
        {
            at += reader.Next();
            var first = reader.Next();
            pairs[(first, reader.Next())] = at;
        }
        int[][] sets = [reader.Ranges(), reader.Ranges(), reader.Ranges()];
        var scripts = new int[reader.Next() * 3];
        for (int i = 0, at = 0; i < scripts.Length; i += 3)
        {
            scripts[i] = at += reader.Next();
            scripts[i + 1] = at += reader.Next();
            scripts[i + 2] = reader.Next();
        }
        var lower = new Dictionary<int, int>();
        for (int n = reader.Next(), at = 0; n > 0; n--)
        {
            at += reader.Next();
            var step = reader.Next();
            lower[at] = at + (step >> 1 ^ -(step & 1));
        }
        var composed = pairs.Values.ToHashSet();
        var flags = new byte[0x10000];
        foreach (var c in canonical.Keys.Where(c => c < 0x10000)) flags[c] |= (byte)(Decomposes | (composed.Contains(c) ? 0 : ChangesUnderNfc));
        foreach (var c in compatible.Keys.Where(c => c < 0x10000)) flags[c] |= DecomposesCompatibly;
        foreach (var c in classes.Keys.Where(c => c < 0x10000)) flags[c] |= HasClass;
        foreach (var (_, second) in pairs.Keys) flags[second & 0xFFFF] |= IsSecond;
        for (var c = 0x1161; c <= 0x11C2; c++) flags[c] |= IsSecond;
        return new()
        {
            Canonical = canonical, Compatible = compatible, Classes = classes, Pairs = pairs, Sets = sets, Scripts = scripts, Lower = lower, Flags = flags,
        };
    }

    /// <summary>Reads numbers stored with seven bits per byte.</summary>
    private sealed class Numbers(byte[] bytes)
    {
        private int _at;

        public int Next()
        {
            var (value, shift) = (0, 0);
            byte b;
            do
            {
                b = bytes[_at++];
                value |= (b & 127) << shift;
                shift += 7;
            }
            while (b >= 128);
            return value;
        }

        public Dictionary<int, int[]> Mapping()
        {
            var map = new Dictionary<int, int[]>();
            for (int n = Next(), at = 0; n > 0; n--)
            {
                at += Next();
                var values = new int[Next()];
                for (var i = 0; i < values.Length; i++) values[i] = Next();
                map[at] = values;
            }
            return map;
        }

        /// <summary>Reads ranges as start, end (exclusive), start, end...</summary>
        public int[] Ranges()
        {
            var ranges = new int[Next() * 2];
            for (int i = 0, at = 0; i < ranges.Length; i++) ranges[i] = at += Next();
            return ranges;
        }
    }
}
