using System.Text;

namespace SkTuning.Tests.Checkpoints.Gguf;

/// <summary>Writes GGUF files that no fixture has.</summary>
internal sealed class GgufWriter
{
    private readonly List<(string Key, Action<BinaryWriter> Write)> _values = [];
    private readonly List<(string Name, uint Type, long[] Shape, byte[] Data)> _tensors = [];

    public uint Version { get; set; } = 3;
    public uint Alignment { get; set; } = 32;

    public GgufWriter Text(string key, string value) => Add(key, 8, w => String(w, value));
    public GgufWriter U32(string key, uint value) => Add(key, 4, w => w.Write(value));
    public GgufWriter I32(string key, int value) => Add(key, 5, w => w.Write(value));
    public GgufWriter F32(string key, float value) => Add(key, 6, w => w.Write(value));
    public GgufWriter Bool(string key, bool value) => Add(key, 7, w => w.Write(value));
    public GgufWriter Texts(string key, IReadOnlyList<string> values)
        => Add(key, 9, w => { Array(w, 8, values.Count); foreach (var v in values) String(w, v); });
    public GgufWriter Floats(string key, IReadOnlyList<float> values)
        => Add(key, 9, w => { Array(w, 6, values.Count); foreach (var v in values) w.Write(v); });
    public GgufWriter Ints(string key, IReadOnlyList<int> values)
        => Add(key, 9, w => { Array(w, 5, values.Count); foreach (var v in values) w.Write(v); });
    public GgufWriter Bools(string key, IReadOnlyList<bool> values)
        => Add(key, 9, w => { Array(w, 7, values.Count); foreach (var v in values) w.Write(v); });

    /// <summary>Adds any value by the number of its type and its bytes.</summary>
    public GgufWriter Add(string key, uint type, Action<BinaryWriter> write)
    {
        _values.Add((key, w => { w.Write(type); write(w); }));
        return this;
    }

    /// <param name="shape">The shape in torch's order.</param>
    public GgufWriter Tensor(string name, uint type, long[] shape, byte[] data)
    {
        _tensors.Add((name, type, shape, data));
        return this;
    }

    public GgufWriter Tensor(string name, long[] shape, float[] data)
    {
        var bytes = new byte[data.Length * 4];
        Buffer.BlockCopy(data, 0, bytes, 0, bytes.Length);
        return Tensor(name, 0, shape, bytes);
    }

    public byte[] ToArray()
    {
        if (Alignment != 32) U32("general.alignment", Alignment);
        var stream = new MemoryStream();
        var w = new BinaryWriter(stream);
        w.Write("GGUF"u8);
        w.Write(Version);
        w.Write((ulong)_tensors.Count);
        w.Write((ulong)_values.Count);
        foreach (var (key, write) in _values)
        {
            String(w, key);
            write(w);
        }
        long offset = 0;
        foreach (var (name, type, shape, data) in _tensors)
        {
            String(w, name);
            w.Write((uint)shape.Length);
            foreach (var size in shape.Reverse()) w.Write((ulong)size);
            w.Write(type);
            w.Write((ulong)offset);
            offset = Aligned(offset + data.Length);
        }
        foreach (var (_, _, _, data) in _tensors)
        {
            w.Write(new byte[Aligned(stream.Position) - stream.Position]);
            w.Write(data);
        }
        w.Write(new byte[Aligned(stream.Position) - stream.Position]);
        return stream.ToArray();
    }

    public void Save(string path) => File.WriteAllBytes(path, ToArray());

    private long Aligned(long at) => (at + Alignment - 1) / Alignment * Alignment;

    private static void String(BinaryWriter w, string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        w.Write((ulong)bytes.Length);
        w.Write(bytes);
    }

    private static void Array(BinaryWriter w, uint element, int count)
    {
        w.Write(element);
        w.Write((ulong)count);
    }
}
