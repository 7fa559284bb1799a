using System.Globalization;
using System.Runtime.InteropServices;
using SkTuning.Onnx.Format;

namespace SkTuning.Onnx.Graphs;

/// <summary>Collects the operations and constants of a graph. Equal constants are stored once.</summary>
internal sealed class GraphBuilder
{
    private readonly List<Port> _inputs = [], _outputs = [];
    private readonly List<Node> _nodes = [];
    private readonly Dictionary<string, StoredTensor> _tensors = new(StringComparer.Ordinal);
    private readonly List<StoredTensor> _order = [];
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>The start of the names of new operations, such as <c>layer.0</c>.</summary>
    public string Scope { get; private set; } = "";

    /// <summary>Gives new operations names that start with a text, until the result is disposed.</summary>
    public IDisposable Within(string scope)
    {
        var outer = new Scoped(this, Scope);
        Scope = scope;
        return outer;
    }

    private sealed record Scoped(GraphBuilder Graph, string Outer) : IDisposable
    {
        public void Dispose() => Graph.Scope = Outer;
    }

    /// <summary>Adds an input of the graph.</summary>
    public Value Input(string name, ElementType type, params string[] dimensions)
    {
        _inputs.Add(new(name, type, dimensions));
        return new(this, name);
    }

    /// <summary>Makes a value an output of the graph.</summary>
    public void Output(string name, Value value, params string[] dimensions)
    {
        _outputs.Add(new(name, ElementType.Float, dimensions));
        _nodes.Add(new("Identity", name, [value.Name], [name], []));
    }

    /// <summary>Adds an operation with one output.</summary>
    public Value Operation(string operation, IReadOnlyList<Value?> inputs, params NodeAttribute[] attributes)
        => Operations(operation, 1, inputs, attributes)[0];

    /// <summary>Adds an operation with several outputs.</summary>
    public Value[] Operations(string operation, int outputs, IReadOnlyList<Value?> inputs, params NodeAttribute[] attributes)
    {
        var key = Scope.Length == 0 ? operation : Scope + "/" + operation;
        var number = _counts[key] = _counts.GetValueOrDefault(key) + 1;
        var name = string.Create(CultureInfo.InvariantCulture, $"{key}.{number}");
        string[] names = [.. Enumerable.Range(0, outputs).Select(i => outputs == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}:{i}"))];
        _nodes.Add(new(operation, name, [.. inputs.Select(i => i?.Name ?? "")], names, attributes));
        return [.. names.Select(n => new Value(this, n))];
    }

    /// <summary>Joins values along a dimension.</summary>
    public Value Concat(int axis, params Value[] values) => Operation("Concat", [.. values.Select(v => (Value?)v)], new NodeAttribute("axis", Integer: axis));

    /// <summary>Selects between two values.</summary>
    public Value Where(Value condition, Value yes, Value no) => Operation("Where", [condition, yes, no]);

    /// <summary>Returns from, from + 1, …, to - 1, for numbers [] int64.</summary>
    public Value Range(Value from, Value to) => Operation("Range", [from, to, Whole(1)]);

    /// <summary>Gets a number, [] fp32.</summary>
    public Value Number(double value)
        => Constant($"number.{(float)value:R}", ElementType.Float, [], Bytes([(float)value]));

    /// <summary>Gets a whole number, [] int64.</summary>
    public Value Whole(long value) => Constant($"whole.{value}", ElementType.Int64, [], Bytes([value]));

    /// <summary>Gets whole numbers, [n] int64.</summary>
    public Value Integers(params long[] values) => Constant($"integers.{string.Join(',', values)}", ElementType.Int64, [values.Length], Bytes(values));

    /// <summary>Gets a constant of the graph; the first one with a name is stored.</summary>
    public Value Constant(string name, ElementType type, long[] shape, byte[] bytes) => Constant(new(name, type, shape, stream => stream.Write(bytes)));

    /// <summary>Gets a constant of the graph; the first one with a name is stored.</summary>
    public Value Constant(StoredTensor tensor)
    {
        if (_tensors.TryAdd(tensor.Name, tensor)) _order.Add(tensor);
        return new(this, tensor.Name);
    }

    /// <summary>Returns the graph.</summary>
    public Graph Build() => new(_inputs, _outputs, _nodes, _order);

    /// <summary>Returns numbers as they are stored.</summary>
    public static byte[] Bytes<T>(ReadOnlySpan<T> values) where T : unmanaged
        => BitConverter.IsLittleEndian ? MemoryMarshal.AsBytes(values).ToArray() : throw new PlatformNotSupportedException("ONNX files are little-endian.");
}
