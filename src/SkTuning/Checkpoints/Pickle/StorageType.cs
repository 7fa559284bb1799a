using static TorchSharp.torch;

namespace SkTuning.Checkpoints.Pickle;

/// <summary>One of torch's typed storages.</summary>
internal sealed record StorageType(string Name, ScalarType Type, int Bytes)
{
    public static readonly IReadOnlyDictionary<string, StorageType> ByName = new StorageType[]
    {
        new("DoubleStorage", ScalarType.Float64, 8), new("FloatStorage", ScalarType.Float32, 4),
        new("HalfStorage", ScalarType.Float16, 2), new("BFloat16Storage", ScalarType.BFloat16, 2),
        new("LongStorage", ScalarType.Int64, 8), new("IntStorage", ScalarType.Int32, 4),
        new("ShortStorage", ScalarType.Int16, 2), new("CharStorage", ScalarType.Int8, 1),
        new("ByteStorage", ScalarType.Byte, 1), new("BoolStorage", ScalarType.Bool, 1),
    }.ToDictionary(t => t.Name);
}
