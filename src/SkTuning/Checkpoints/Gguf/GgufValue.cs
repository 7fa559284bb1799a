namespace SkTuning.Checkpoints.Gguf;

/// <summary>The types of a metadata value, with their numbers in the file.</summary>
internal enum GgufValueType : uint
{
    UInt8 = 0, Int8 = 1, UInt16 = 2, Int16 = 3, UInt32 = 4, Int32 = 5, Float32 = 6, Bool = 7, String = 8, Array = 9, UInt64 = 10, Int64 = 11, Float64 = 12,
}

/// <summary>The position of a metadata value, which is decoded only when requested: a vocabulary of 256,000 strings costs nothing until then.</summary>
/// <param name="Type">The type.</param>
/// <param name="Element">The type of an array's elements; otherwise the type itself.</param>
/// <param name="Count">The number of an array's elements; otherwise 1.</param>
/// <param name="Offset">The offset of the value, or of an array's first element.</param>
internal readonly record struct GgufValue(GgufValueType Type, GgufValueType Element, long Count, long Offset)
{
    public string Describe() => Type == GgufValueType.Array ? $"an array of {Count} {Element}" : $"of type {Type}";
}
