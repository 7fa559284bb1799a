namespace SkTuning.Tokenizers.Text;

/// <summary>A trie of the tokens of a vocabulary, by UTF-16 code units. It uses open addressing: usually one probe per code unit.</summary>
internal sealed class CharTrie
{
    private struct Edge
    {
        public int Node;
        public char Unit;
        public int To;
    }

    // To is 0 for a free slot, because no edge leads to the root.
    private Edge[] _edges = new Edge[1 << 10];
    private int[] _ids = new int[1 << 9];
    private int _nodes = 1;

    public CharTrie() => Array.Fill(_ids, -1);

    /// <summary>Adds a token. If its text was added before, the new id replaces the old one.</summary>
    public void Add(ReadOnlySpan<char> token, int id)
    {
        var node = 0;
        foreach (var unit in token) node = Next(node, unit) is > 0 and var next ? next : AddEdge(node, unit);
        _ids[node] = id;
    }

    /// <summary>Returns the node that a code unit leads to, or -1.</summary>
    public int Next(int node, char unit)
    {
        var mask = _edges.Length - 1;
        for (var slot = Slot(node, unit, mask); ; slot = (slot + 1) & mask)
        {
            ref var edge = ref _edges[slot];
            if (edge.To == 0) return -1;
            if (edge.Node == node && edge.Unit == unit) return edge.To;
        }
    }

    /// <summary>Returns the id of the token that ends at a node, or -1.</summary>
    public int IdAt(int node) => _ids[node];

    /// <summary>Returns the node that a text leads to, or -1.</summary>
    public int Walk(ReadOnlySpan<char> text)
    {
        var node = 0;
        foreach (var unit in text)
            if ((node = Next(node, unit)) < 0) return -1;
        return node;
    }

    private int AddEdge(int node, char unit)
    {
        if (_nodes * 2 >= _edges.Length)
        {
            var old = _edges;
            _edges = new Edge[old.Length * 2];
            foreach (var edge in old)
                if (edge.To != 0) Place(edge);
        }
        if (_nodes == _ids.Length)
        {
            Array.Resize(ref _ids, _nodes * 2);
            Array.Fill(_ids, -1, _nodes, _nodes);
        }
        Place(new() { Node = node, Unit = unit, To = _nodes });
        return _nodes++;
    }

    private void Place(Edge edge)
    {
        var mask = _edges.Length - 1;
        var slot = Slot(edge.Node, edge.Unit, mask);
        while (_edges[slot].To != 0) slot = (slot + 1) & mask;
        _edges[slot] = edge;
    }

    private static int Slot(int node, char unit, int mask) => (int)(((ulong)(uint)node << 16 | unit) * 0x9E3779B97F4A7C15 >> 32) & mask;
}
