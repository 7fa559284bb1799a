using SkTuning.Onnx.Format;

namespace SkTuning.Onnx.Graphs;

/// <summary>A value in a graph: an input, a constant, or the output of an operation. Arithmetic adds an operation to the graph.</summary>
internal readonly record struct Value(GraphBuilder Graph, string Name)
{
    public static Value operator +(Value a, Value b) => a.Graph.Operation("Add", [a, b]);
    public static Value operator -(Value a, Value b) => a.Graph.Operation("Sub", [a, b]);
    public static Value operator *(Value a, Value b) => a.Graph.Operation("Mul", [a, b]);
    public static Value operator /(Value a, Value b) => a.Graph.Operation("Div", [a, b]);
    public static Value operator -(Value a) => a.Graph.Operation("Neg", [a]);

    // Numbers in arithmetic are fp32.
    public static Value operator +(Value a, double b) => a + a.Graph.Number(b);
    public static Value operator -(Value a, double b) => a - a.Graph.Number(b);
    public static Value operator *(Value a, double b) => a * a.Graph.Number(b);
    public static Value operator /(Value a, double b) => a / a.Graph.Number(b);

    /// <summary>Adds an operation with this value as its only input.</summary>
    public Value To(string operation, params NodeAttribute[] attributes) => Graph.Operation(operation, [this], attributes);

    /// <summary>Converts the values.</summary>
    public Value Cast(ElementType type) => To("Cast", new NodeAttribute("to", Integer: (long)type));

    /// <summary>Changes the shape; 0 keeps a dimension, -1 is inferred.</summary>
    public Value Reshape(params long[] shape) => Graph.Operation("Reshape", [this, Graph.Integers(shape)]);

    /// <summary>Changes the shape to one that is computed.</summary>
    public Value Reshape(Value shape) => Graph.Operation("Reshape", [this, shape]);

    /// <summary>Repeats dimensions of size 1 until the shape is reached.</summary>
    public Value Expand(Value shape) => Graph.Operation("Expand", [this, shape]);

    /// <summary>Orders the dimensions.</summary>
    public Value Transpose(params long[] order) => To("Transpose", new NodeAttribute("perm", Integers: order));

    /// <summary>Adds dimensions of size 1.</summary>
    public Value Unsqueeze(params long[] axes) => Graph.Operation("Unsqueeze", [this, Graph.Integers(axes)]);

    /// <summary>Removes dimensions of size 1.</summary>
    public Value Squeeze(params long[] axes) => Graph.Operation("Squeeze", [this, Graph.Integers(axes)]);

    /// <summary>Selects a range of a dimension.</summary>
    public Value Slice(int axis, long from, long to = long.MaxValue)
        => Graph.Operation("Slice", [this, Graph.Integers(from), Graph.Integers(to), Graph.Integers(axis)]);

    /// <summary>Removes the first entries of a dimension, whose number [1] is computed.</summary>
    public Value After(int axis, Value count) => Graph.Operation("Slice", [this, count, Graph.Integers(long.MaxValue), Graph.Integers(axis)]);

    /// <summary>Selects entries of a dimension.</summary>
    public Value Gather(Value indices, int axis = 0) => Graph.Operation("Gather", [this, indices], new NodeAttribute("axis", Integer: axis));

    /// <summary>Gets the size of a dimension, [1] int64.</summary>
    public Value Size(int axis) => To("Shape", new NodeAttribute("start", Integer: axis), new NodeAttribute("end", Integer: axis + 1));

    /// <summary>Sums over a dimension.</summary>
    public Value Sum(int axis, bool keep = false) => Reduced("ReduceSum", axis, keep);

    /// <summary>Returns the maximum of a dimension.</summary>
    public Value Max(int axis, bool keep = false) => Reduced("ReduceMax", axis, keep);

    /// <summary>Limits the values.</summary>
    public Value AtLeast(Value limit) => Graph.Operation("Max", [this, limit]);

    /// <summary>Limits the values.</summary>
    public Value AtMost(Value limit) => Graph.Operation("Min", [this, limit]);

    /// <summary>Multiplies matrices.</summary>
    public Value Product(Value other) => Graph.Operation("MatMul", [this, other]);

    public Value Softmax(int axis = -1) => To("Softmax", new NodeAttribute("axis", Integer: axis));

    private Value Reduced(string operation, int axis, bool keep)
        => Graph.Operation(operation, [this, Graph.Integers(axis)], new NodeAttribute("keepdims", Integer: keep ? 1 : 0));
}
