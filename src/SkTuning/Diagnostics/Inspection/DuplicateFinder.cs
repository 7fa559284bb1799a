using System.Runtime.InteropServices;
using SkTuning.Data;

namespace SkTuning.Diagnostics;

/// <summary>Takes rows one by one and stores their hashes. A text is kept only if it occurs again.</summary>
internal sealed class DuplicateFinder
{
    private readonly List<string> _parts = [];
    private readonly List<string> _labels = [];
    private readonly Dictionary<string, int> _labelIndices = new(StringComparer.Ordinal);
    private readonly List<Entry> _entries = [];
    private readonly Dictionary<UInt128, int> _last = [];                               // the last entry of each text
    private readonly Dictionary<UInt128, (string Text, string? Text2)> _repeated = [];  // texts that occurred again
    private long _row;

    public void Start(string part)
    {
        if (_parts.Contains(part)) throw new SkTuningException($"Two parts of the data are named '{part}', expected different names.");
        _parts.Add(part);
        _row = 0;
    }

    public void Add(Row row)
    {
        _row++;
        if (string.IsNullOrWhiteSpace(row.Text) && string.IsNullOrWhiteSpace(row.Text2)) return;
        var key = TextKey.Near(row.Text, row.Text2);
        ref var last = ref CollectionsMarshal.GetValueRefOrAddDefault(_last, key, out var seen);
        if (seen) _repeated[key] = (row.Text, row.Text2);
        _entries.Add(new(TextKey.Exact(row.Text, row.Text2), _row, row.Line, _parts.Count - 1, Label(row.Label), seen ? last : -1));
        last = _entries.Count - 1;
    }

    public LeakReport Report()
    {
        var groups = new List<(int First, DuplicateGroup Group)>(_repeated.Count);
        foreach (var (key, (text, text2)) in _repeated)
        {
            var chain = new List<int>();
            for (var e = _last[key]; e >= 0; e = _entries[e].Before) chain.Add(e);
            chain.Reverse();
            var rows = chain.Select(e => _entries[e]).ToList();
            var places = rows.Select(e => new RowPlace(_parts[e.Part], e.Row, e.Line)).ToList();
            var labels = rows.Select(e => _labels[e.Label]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
            groups.Add((chain[0], new(text, text2, places, labels, rows.All(e => e.Exact == rows[0].Exact))));
        }
        return LeakReport.Of(groups.OrderBy(g => g.First).Select(g => g.Group).ToList());
    }

    private int Label(string label)
    {
        ref var index = ref CollectionsMarshal.GetValueRefOrAddDefault(_labelIndices, label, out var known);
        if (known) return index;
        _labels.Add(label);
        return index = _labels.Count - 1;
    }

    private readonly record struct Entry(UInt128 Exact, long Row, long Line, int Part, int Label, int Before);
}
