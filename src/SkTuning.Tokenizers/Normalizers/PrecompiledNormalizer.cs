using System.Globalization;
using System.Text;
using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.Normalizers;

/// <summary>
/// Applies SentencePiece's compiled table as the Hugging Face tokenizers library does: a short cluster of characters is replaced as a whole by the shortest
/// entry that it starts with; if there is none, its characters are replaced one by one.
/// </summary>
internal sealed class PrecompiledNormalizer : NormalizerStep
{
    /// <summary>Clusters of at least this many UTF-8 bytes are replaced character by character.</summary>
    private const int LongCluster = 6;
    private const int LargestKept = 1 << 16;

    [ThreadStatic]
    private static ChangeList? _changes;

    private readonly CharsMap _map;
    private readonly string?[] _ascii = new string?[128];

    public PrecompiledNormalizer(CharsMap map)
    {
        _map = map;
        for (var c = 0; c < 128; c++) _ascii[c] = map.Shortest([(byte)c]);
    }

    public override bool KeepsStart => false;

    public override void Apply(TextState state)
    {
        var source = state.Text;
        var text = source.Span;
        var first = Unchanged(text);
        if (first == text.Length) return;
        var target = state.NextText();
        var changes = _changes ??= new();
        changes.Start(state.Budget);
        for (var at = 0; at < text.Length;)
        {
            var length = ClusterLength(text[at..]);
            Rewrite(text.Slice(at, length), changes);
            at += length;
        }
        if (changes.Modified)
        {
            changes.Write(new TextTransform(source, target, state.PartAt));
            state.TakeText();
        }
        if (changes.IsLarge) _changes = null;
    }

    /// <summary>Returns the length of the leading ASCII text that the table does not change.</summary>
    private int Unchanged(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length; i++)
            if (text[i] >= 128 || _ascii[text[i]] is not null || text[i] == '\r') return i;
        return text.Length;
    }

    /// <summary>Returns the length of a character and its marks. Most characters have none, which is quick to check.</summary>
    private static int ClusterLength(ReadOnlySpan<char> text)
        => IsSimple(text[0]) && (text.Length == 1 || IsSimple(text[1])) ? 1 : StringInfo.GetNextTextElementLength(text);

    /// <summary>Determines whether a character never forms a cluster with its neighbors.</summary>
    private static bool IsSimple(char c)
        => c is (>= ' ' and < '\u0300') or (>= '\u0370' and < '\u0483') or (>= '\u3400' and <= '\u9FFF')
            or (>= '\u3041' and <= '\u3096') or (>= '\u30A1' and <= '\u30FA');

    private void Rewrite(ReadOnlySpan<char> cluster, ChangeList changes)
    {
        Span<byte> utf8 = stackalloc byte[LongCluster];
        if (cluster.Length == 1 && cluster[0] < 128)
        {
            if (_ascii[cluster[0]] is { } ascii) changes.Replace(1, ascii);
            else changes.Keep(cluster[0]);
            return;
        }
        if (cluster.Length < LongCluster
            && Encoding.UTF8.TryGetBytes(cluster, utf8, out var count)
            && count < LongCluster
            && _map.Shortest(utf8[..count]) is { } whole)
        {
            changes.Replace(Count(cluster), whole);
            return;
        }
        for (int at = 0, units; at < cluster.Length; at += units)
        {
            var c = CodePoints.At(cluster, at, out units);
            Encoding.UTF8.TryGetBytes(cluster.Slice(at, units), utf8, out count);
            if (_map.Shortest(utf8[..count]) is { } one) changes.Replace(1, one);
            else changes.Keep(c);
        }
    }

    private static int Count(ReadOnlySpan<char> text)
    {
        var count = 0;
        for (int at = 0, units; at < text.Length; at += units, count++) CodePoints.At(text, at, out units);
        return count;
    }

    public override void Describe(Fingerprint fingerprint)
    {
        fingerprint.Add("precompiled");
        fingerprint.Bytes(_map.Bytes);
    }

    /// <summary>The new characters and their changes (see <see cref="TextTransform"/>), which later characters can still correct.</summary>
    private sealed class ChangeList
    {
        private readonly List<(int CodePoint, int Change)> _items = [];

        private WorkBudget? _budget;

        public bool Modified { get; private set; }

        public bool IsLarge => _items.Capacity > LargestKept;

        public void Start(WorkBudget budget)
        {
            _items.Clear();
            _budget = budget;
            Modified = false;
        }

        public void Keep(int codePoint) => _items.Add((codePoint, 0));

        public void Replace(int old, string with)
        {
            Modified = true;
            if (_items.Count + with.Length > _budget!.CharactersLeft) throw _budget.TooMuch();
            var first = _items.Count;
            for (int at = 0, units; at < with.Length; at += units) _items.Add((CodePoints.At(with, at, out units), 0));
            var more = _items.Count - first - old;
            // Extra new characters count as inserted, from the end; missing ones as removed after the last new character.
            for (var i = _items.Count - 1; more > 0 && i >= first; i--, more--) _items[i] = (_items[i].CodePoint, 1);
            if (more < 0 && _items.Count > 0) _items[^1] = (_items[^1].CodePoint, _items[^1].Change + more);
        }

        public void Write(TextTransform output)
        {
            foreach (var (codePoint, change) in _items) output.Add(codePoint, change);
        }
    }
}
