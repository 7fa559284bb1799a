using System.Buffers.Binary;
using SkTuning.Adapters;

namespace SkTuning.Server.Storage;

/// <summary>The two files of an uploaded adapter.</summary>
/// <param name="Definition">adapter.json.</param>
/// <param name="Tensors">adapter.safetensors.</param>
internal sealed record AdapterContent(ReadOnlyMemory<byte> Definition, ReadOnlyMemory<byte> Tensors)
{
    /// <summary>The maximum size of the parts that are read as JSON: an adapter of thousands of labels has a tenth of it.</summary>
    public const int MaxJsonBytes = 4 << 20;

    /// <summary>Refuses files whose JSON would take far more memory to read than an adapter needs.</summary>
    /// <exception cref="SkTuningException">A file is too short or too large.</exception>
    public void Check()
    {
        if (Definition.Length > MaxJsonBytes)
            throw SkTuningException.BadFile(AdapterFolder.DefinitionFile, null, $"{Definition.Length} bytes", $"at most {MaxJsonBytes}");
        if (Tensors.Length < 8) throw SkTuningException.BadFile(AdapterFolder.TensorFile, null, $"{Tensors.Length} bytes", "a safetensors file");
        var header = BinaryPrimitives.ReadUInt64LittleEndian(Tensors.Span);
        if (header > (ulong)Math.Min(MaxJsonBytes, Tensors.Length - 8))
        {
            throw SkTuningException.BadFile(AdapterFolder.TensorFile, null, $"a header of {header} bytes in a file of {Tensors.Length}",
                $"at most {MaxJsonBytes}, inside the file");
        }
    }
}
