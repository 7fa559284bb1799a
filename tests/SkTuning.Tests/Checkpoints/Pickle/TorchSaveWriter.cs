using System.Text;
using static TorchSharp.torch;

namespace SkTuning.Tests.Checkpoints.Pickle;

/// <summary>
/// Writes a state dict like torch.save: protocol 2, a memo after each object, an OrderedDict with <c>_metadata</c>, one zip entry per storage.
/// </summary>
internal sealed class TorchSaveWriter
{
    private readonly MemoryStream _pickle = new();
    private readonly Dictionary<string, int> _memo = [];
    private readonly List<byte[]> _storages = [];
    private int _next;

    public bool Deflate { get; init; }
    public bool Zip64 { get; init; }
    public int Alignment { get; init; } = 64;
    public bool Parameters { get; init; }

    /// <summary>Writes more instructions before the last one, which torch would not write.</summary>
    public Action<TorchSaveWriter>? Tail { get; init; }

    public byte[] Save(params (string Name, Tensor Value)[] tensors)
    {
        Op(0x80, 2);
        OrderedDict();
        Op('(');
        foreach (var (name, value) in tensors)
        {
            Text(name);
            if (Parameters) { Global("torch._utils", "_rebuild_parameter"); Op('('); }
            Tensor(value);
            if (!Parameters) continue;
            Op(0x89);
            OrderedDict();
            Op('t');
            Put();
            Op('R');
            Put();
        }
        Op('u');
        // state: {'_metadata': OrderedDict([('', {'version': 1})])}
        Op('}');
        Put();
        Text("_metadata");
        OrderedDict();
        Text("");
        Op('}');
        Put();
        Text("version");
        Op('K', 1);
        Op('s');
        Op('s');
        Op('s');
        Op('b');
        Tail?.Invoke(this);
        Op('.');
        return Zip(_pickle.ToArray());
    }

    /// <summary>Writes the zip file around a pickle.</summary>
    public byte[] Zip(byte[] pickle)
    {
        var zip = new ZipWriter { Deflate = Deflate, Zip64 = Zip64, Alignment = Alignment };
        zip.Add("archive/data.pkl", pickle);
        zip.Add("archive/byteorder", "little"u8.ToArray());
        for (var i = 0; i < _storages.Count; i++) zip.Add($"archive/data/{i}", _storages[i]);
        zip.Add("archive/version", "3\n"u8.ToArray());
        return zip.ToArray();
    }

    private void Tensor(Tensor value)
    {
        // A view is saved with its storage, up to the last value of the view.
        var offset = value.is_contiguous() ? 0 : value.storage_offset();
        var count = offset + 1 + value.shape.Zip(value.stride()).Sum(p => (p.First - 1) * p.Second);
        using var whole = value.is_contiguous() ? value.alias() : value.as_strided([count], [1], 0);
        _storages.Add(whole.NumberOfElements == 0 ? [] : whole.contiguous().bytes.ToArray());
        Rebuild(StorageName(value.dtype), (_storages.Count - 1).ToString(), whole.NumberOfElements, offset, value.shape, value.stride());
    }

    public void Rebuild(string storageType, string key, long numbers, long offset, long[] shape, long[] strides)
    {
        Global("torch._utils", "_rebuild_tensor_v2");
        Op('(');
        Op('(');
        Text("storage");
        Global("torch", storageType);
        Text(key);
        Text("cpu");
        Int(numbers);
        Op('t');
        Put();
        Op('Q');
        Int(offset);
        Tuple(shape);
        Tuple(strides);
        Op(0x89);
        OrderedDict();
        Op('t');
        Put();
        Op('R');
        Put();
    }

    public void OrderedDict()
    {
        Global("collections", "OrderedDict");
        Op(')');
        Op('R');
        Put();
    }

    public void Global(string module, string name)
    {
        if (Recalled("c" + module + name)) return;
        Op('c');
        _pickle.Write(Encoding.ASCII.GetBytes($"{module}\n{name}\n"));
        Put("c" + module + name);
    }

    public void Text(string text)
    {
        if (Recalled("t" + text)) return;
        var bytes = Encoding.UTF8.GetBytes(text);
        Op('X');
        _pickle.Write(BitConverter.GetBytes(bytes.Length));
        _pickle.Write(bytes);
        Put("t" + text);
    }

    public void Int(long number)
    {
        if (number is >= 0 and < 256) Op('K', (byte)number);
        else if (number is >= 0 and < 65536) { Op('M'); _pickle.Write(BitConverter.GetBytes((ushort)number)); }
        else if (number is >= int.MinValue and <= int.MaxValue) { Op('J'); _pickle.Write(BitConverter.GetBytes((int)number)); }
        else { Op(0x8a, 8); _pickle.Write(BitConverter.GetBytes(number)); }
    }

    private void Tuple(long[] numbers)
    {
        if (numbers.Length == 0) { Op(')'); return; }
        if (numbers.Length > 3) Op('(');
        foreach (var number in numbers) Int(number);
        Op((byte)(numbers.Length > 3 ? 't' : 0x84 + numbers.Length));
        Put();
    }

    public void Op(char code) => _pickle.WriteByte((byte)code);
    public void Op(byte code) => _pickle.WriteByte(code);
    public void Op(int code, byte argument) { _pickle.WriteByte((byte)code); _pickle.WriteByte(argument); }

    private void Put(string? key = null)
    {
        if (key is not null) _memo[key] = _next;
        if (_next < 256) Op('q', (byte)_next);
        else { Op('r'); _pickle.Write(BitConverter.GetBytes(_next)); }
        _next++;
    }

    private bool Recalled(string key)
    {
        if (!_memo.TryGetValue(key, out var index)) return false;
        if (index < 256) Op('h', (byte)index);
        else { Op('j'); _pickle.Write(BitConverter.GetBytes(index)); }
        return true;
    }

    private static string StorageName(ScalarType type) => type switch
    {
        ScalarType.Float64 => "DoubleStorage",
        ScalarType.Float32 => "FloatStorage",
        ScalarType.Float16 => "HalfStorage",
        ScalarType.BFloat16 => "BFloat16Storage",
        ScalarType.Int64 => "LongStorage",
        ScalarType.Int32 => "IntStorage",
        ScalarType.Int16 => "ShortStorage",
        ScalarType.Int8 => "CharStorage",
        ScalarType.Byte => "ByteStorage",
        _ => "BoolStorage",
    };
}
