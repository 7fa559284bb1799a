namespace SkTuning.Onnx.Format;

/// <summary>The types of ONNX tensors in use, with their numbers in the format (onnx.proto, TensorProto.DataType).</summary>
internal enum ElementType
{
    Float = 1,
    Int8 = 3,
    Int64 = 7,
    Bool = 9,
    Float16 = 10,
    Double = 11,
}

/// <summary>A constant of a graph.</summary>
/// <param name="Name">The name.</param>
/// <param name="Type">The type of the values.</param>
/// <param name="Shape">The shape.</param>
/// <param name="Write">Writes the values, row by row, little-endian.</param>
internal sealed record StoredTensor(string Name, ElementType Type, long[] Shape, Action<Stream> Write)
{
    /// <summary>The size of the values in bytes.</summary>
    public long Bytes => Shape.Aggregate(1L, (a, b) => a * b) * Type switch
    {
        ElementType.Int8 or ElementType.Bool => 1,
        ElementType.Float16 => 2,
        ElementType.Float => 4,
        _ => 8,
    };
}
