namespace SkTuning.Checkpoints.Gguf;

/// <summary>The types of a metadata value, with the numbers they have in the file.</summary>
internal enum GgufValueType : uint
{
    UInt8 = 0, Int8 = 1, UInt16 = 2, Int16 = 3, UInt32 = 4, Int32 = 5, Float32 = 6, Bool = 7, String = 8, Array = 9, UInt64 = 10, Int64 = 11, Float64 = 12,
}

/// <summary>Where a metadata value is. It is decoded when asked for: a vocabulary of 256,000 strings costs nothing until then.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Element">What an array holds; the type itself otherwise.</param>
/// <param name="Count">How many an array holds; 1 otherwise.</param>
/// <param name="Offset">The first byte of the value, or of an array's first element.</param>
internal readonly record struct GgufValue(GgufValueType Type, GgufValueType Element, long Count, long Offset)
{
    public string Describe() => Type == GgufValueType.Array ? $"an array of {Count} {Element}" : $"of type {Type}";
}
