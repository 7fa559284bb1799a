namespace SkTuning.Onnx.Format;

/// <summary>One input of a node's attributes: a whole number, a number, a text or whole numbers.</summary>
internal sealed record NodeAttribute(string Name, long? Integer = null, float? Number = null, string? Text = null, long[]? Integers = null);

/// <summary>One operation of a graph.</summary>
internal sealed record Node(string Operation, string Name, string[] Inputs, string[] Outputs, NodeAttribute[] Attributes);

/// <summary>An input or an output of a graph. A dimension is a number, or a name if its size varies.</summary>
internal sealed record Port(string Name, ElementType Type, string[] Dimensions);

/// <summary>A graph.</summary>
internal sealed record Graph(
    IReadOnlyList<Port> Inputs, IReadOnlyList<Port> Outputs, IReadOnlyList<Node> Nodes, IReadOnlyList<StoredTensor> Tensors);

/// <summary>Writes a graph as a .onnx file. The numbers of the fields are those of onnx.proto (ModelProto and below).</summary>
internal static class OnnxFile
{
    /// <summary>The version of the operators: the first one with Attention, RMSNormalization and Gelu.</summary>
    public const int Operators = 23;

    /// <summary>The version of the file format that belongs to these operators.</summary>
    private const int FormatVersion = 11;

    /// <summary>A message has at most 2 GB. Larger models keep their weights in a second file.</summary>
    private const long MaxInside = 1_900_000_000;

    private const int Alignment = 4096, SmallTensor = 1024;

    /// <summary>Writes a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="path">The .onnx file. Weights of more than 2 GB are written to a file of the same name with <c>.data</c> appended.</param>
    /// <param name="metadata">Keys and values to store with the model.</param>
    /// <param name="maxInside">The maximum size in bytes of weights in the file itself; for tests.</param>
    public static void Write(Graph graph, string path, IReadOnlyList<(string Key, string Value)> metadata, long maxInside = MaxInside)
    {
        var outside = graph.Tensors.Sum(t => t.Bytes) > maxInside;
        var (data, offset) = (path + ".data", 0L);
        var model = new ProtoMessage()
            .Add(1, FormatVersion)
            .Add(2, "SkTuning")
            .Add(3, LibraryVersion.Text);
        var body = new ProtoMessage();
        foreach (var node in graph.Nodes) body.Add(1, Of(node));
        body.Add(2, "sktuning");
        using (var stream = outside ? File.Create(data) : null)
        {
            foreach (var tensor in graph.Tensors)
            {
                if (stream is null || tensor.Bytes < SmallTensor) body.Add(5, Inside(tensor));
                else
                {
                    body.Add(5, Outside(tensor, Path.GetFileName(data), offset));
                    stream.Position = offset;
                    tensor.Write(stream);
                    offset = (offset + tensor.Bytes + Alignment - 1) / Alignment * Alignment;
                }
            }
        }
        foreach (var input in graph.Inputs) body.Add(11, Of(input));
        foreach (var output in graph.Outputs) body.Add(12, Of(output));
        model.Add(7, body).Add(8, new ProtoMessage().Add(1, "").Add(2, Operators));
        foreach (var (key, value) in metadata) model.Add(14, new ProtoMessage().Add(1, key).Add(2, value));
        using var file = File.Create(path);
        using var buffered = new BufferedStream(file, 1 << 16);
        model.WriteTo(buffered);
    }

    private static ProtoMessage Of(Node node)
    {
        var message = new ProtoMessage();
        foreach (var input in node.Inputs) message.Add(1, input);
        foreach (var output in node.Outputs) message.Add(2, output);
        message.Add(3, node.Name).Add(4, node.Operation);
        foreach (var attribute in node.Attributes) message.Add(5, Of(attribute));
        return message;
    }

    private static ProtoMessage Of(NodeAttribute attribute)
    {
        const int Type = 20;
        var message = new ProtoMessage().Add(1, attribute.Name);
        if (attribute.Number is { } number) return message.Add(2, number).Add(Type, 1);
        if (attribute.Integer is { } integer) return message.Add(3, integer).Add(Type, 2);
        if (attribute.Text is { } text) return message.Add(4, text).Add(Type, 3);
        foreach (var value in attribute.Integers!) message.Add(8, value);
        return message.Add(Type, 7);
    }

    private static ProtoMessage Inside(StoredTensor tensor) => Described(tensor).Add(9, tensor.Bytes, tensor.Write);

    private static ProtoMessage Outside(StoredTensor tensor, string file, long offset)
    {
        var message = Described(tensor);
        foreach (var (key, value) in ((string, string)[])[("location", file), ("offset", $"{offset}"), ("length", $"{tensor.Bytes}")])
            message.Add(13, new ProtoMessage().Add(1, key).Add(2, value));
        return message.Add(14, 1);
    }

    private static ProtoMessage Described(StoredTensor tensor)
    {
        var message = new ProtoMessage();
        foreach (var size in tensor.Shape) message.Add(1, size);
        return message.Add(2, (long)tensor.Type).Add(8, tensor.Name);
    }

    private static ProtoMessage Of(Port port)
    {
        var shape = new ProtoMessage();
        foreach (var dimension in port.Dimensions)
            shape.Add(1, long.TryParse(dimension, out var size) ? new ProtoMessage().Add(1, size) : new ProtoMessage().Add(2, dimension));
        return new ProtoMessage().Add(1, port.Name).Add(2, new ProtoMessage().Add(1, new ProtoMessage().Add(1, (long)port.Type).Add(2, shape)));
    }
}
