using System.Buffers.Binary;
using System.Text;

namespace SkTuning.Checkpoints.Pickle;

/// <summary>
/// Reads the pickle of a state dict and cannot run anything. Of the names that Python would import, it knows OrderedDict, torch's storages and the two
/// functions that create tensors and parameters from them; it refuses all others by name. Protocols 2 to 5 (see Python's pickletools.py for the instructions).
/// </summary>
internal sealed class Unpickler
{
    /// <summary>torch writes dictionaries in batches of at most 1,000 entries.</summary>
    private const int MaxStackDepth = 20_000;

    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    private readonly string _file;
    private readonly byte[] _code;
    private readonly List<PickleValue> _stack = [];
    private readonly List<PickleValue> _memo = [];
    private int _at;
    private long _budget;

    private Unpickler(string file, byte[] code)
    {
        (_file, _code) = (file, code);
        // The bytes of objects that may be created, including the tables built from them: a state dict needs about eleven for each byte of its pickle.
        _budget = (12L << 20) + 14L * code.Length;
    }

    /// <summary>Reads the single value of a pickle. <paramref name="file"/> is its file, for errors.</summary>
    public static PickleValue Read(string file, byte[] code) => new Unpickler(file, code).Run();

    private PickleValue Run()
    {
        while (true)
        {
            var at = _at;
            var instruction = Next();
            switch ((char)instruction)
            {
                case (char)0x80: if (Next() is var protocol and not (>= 2 and <= 5)) throw Bad($"pickle protocol {protocol}", "2 to 5"); break;
                case (char)0x95: Bytes(8); break;                             // FRAME: a length, which is not needed
                case '.': return Pop();
                case '(': Push(new(PickleKind.Mark)); break;
                case 'N': Push(default); break;
                case (char)0x88: Push(new(PickleKind.Bool, 1)); break;
                case (char)0x89: Push(new(PickleKind.Bool)); break;
                case 'K': Push(new(PickleKind.Int, Next())); break;
                case 'M': Push(new(PickleKind.Int, BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2)))); break;
                case 'J': Push(new(PickleKind.Int, BinaryPrimitives.ReadInt32LittleEndian(Bytes(4)))); break;
                case (char)0x8a: Push(new(PickleKind.Int, Long(Next()))); break;
                case 'G': Push(new(PickleKind.Float, BinaryPrimitives.ReadInt64BigEndian(Bytes(8)))); break;
                case (char)0x8c: PushText(Next()); break;
                case 'X': PushText(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4))); break;
                case (char)0x8d: PushText(BinaryPrimitives.ReadUInt64LittleEndian(Bytes(8))); break;
                case ')': Push(new(PickleKind.Tuple, 0, Array.Empty<PickleValue>())); break;
                case (char)0x85: PushTuple(_stack.Count - 1); break;
                case (char)0x86: PushTuple(_stack.Count - 2); break;
                case (char)0x87: PushTuple(_stack.Count - 3); break;
                case 't': PushTuple(Mark(), marked: true); break;
                case ']': Push(new(PickleKind.List)); break;
                case 'a': Pop(); Expect(PickleKind.List, Peek()); break;       // no list of a state dict contains a tensor
                case 'e': Drop(Mark()); Expect(PickleKind.List, Peek()); break;
                case '}': Spend(24); Push(new(PickleKind.Dictionary, 0, new PickleDictionary())); break;
                case 's': SetItems(_stack.Count - 2); break;
                case 'u': SetItems(Mark(), marked: true); break;
                case 'q': Remember(Next()); break;
                case 'r': Remember(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4))); break;
                case (char)0x94: Remember(_memo.Count); break;
                case 'h': Recall(Next()); break;
                case 'j': Recall(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4))); break;
                case 'c': PushGlobal(Line(), Line()); break;
                case (char)0x93: var name = PopText("a name to import"); PushGlobal(PopText("a module to import"), name); break;
                case 'Q': Push(Storage(Pop())); break;
                case 'R': var arguments = Pop(); Push(Call(Pop(), arguments)); break;
                case 'b': Pop(); Expect(PickleKind.Dictionary, Peek()); break; // attributes of an OrderedDict: module versions
                case '0': Pop(); break;
                default: throw Bad($"the pickle instruction 0x{instruction:X2} at byte {at}", "an instruction that torch.save writes for a state dict");
            }
        }
    }

    private void PushGlobal(string module, string name)
    {
        var full = $"{module}.{name}";
        Spend(64 + 2 * full.Length);
        if (module is "torch" && StorageType.ByName.TryGetValue(name, out var storage)) Push(new(PickleKind.Global, 0, storage));
        else if (full is "collections.OrderedDict" or "torch._utils._rebuild_tensor_v2" or "torch._utils._rebuild_parameter")
            Push(new(PickleKind.Global, 0, full));
        else
            throw SkTuningException.BadFile(
                _file, full, "requested by the file", "a state dict with only OrderedDict, torch's storages, tensors and parameters",
                "No code of the file was run. Save the model as safetensors.");
    }

    private PickleValue Call(PickleValue function, PickleValue arguments)
    {
        if (function.Kind != PickleKind.Global || arguments.Kind != PickleKind.Tuple)
            throw Bad($"a call of {function.Describe()} with {arguments.Describe()}", "a call of a known function");
        var given = (PickleValue[])arguments.Object!;
        switch (function.Object as string)
        {
            case "collections.OrderedDict" when given.Length == 0:
                Spend(24);
                return new(PickleKind.Dictionary, 0, new PickleDictionary());
            case "torch._utils._rebuild_parameter" when given.Length >= 1 && given[0].Kind == PickleKind.Tensor:
                return given[0];
            case "torch._utils._rebuild_tensor_v2" when given.Length >= 4 && given[0].Kind == PickleKind.Storage && given[1].Kind == PickleKind.Int:
                return new(PickleKind.Tensor, 0, View((PickleStorage)given[0].Object!, given[1].Number, Sizes(given[2]), Sizes(given[3])));
            default:
                throw Bad($"a call of {function.Describe()} with {given.Length} arguments that it does not accept", "a call that torch.save writes");
        }
    }

    /// <summary>Returns the storage of a persistent id: ('storage', type, key, device, number of values).</summary>
    private PickleValue Storage(PickleValue id)
    {
        if (id.Kind == PickleKind.Tuple
            && (PickleValue[])id.Object! is
                [{ Object: "storage" }, { Object: StorageType known }, { Object: string key }, _, { Kind: PickleKind.Int, Number: >= 0 } count])
        {
            Spend(48);
            return new(PickleKind.Storage, 0, new PickleStorage(key, known, count.Number));
        }
        throw Bad("a reference that is not a storage", "('storage', type, key, device, size)");
    }

    private PickleTensor View(PickleStorage storage, long offset, long[] shape, long[] strides)
    {
        Spend(56);
        if (shape.Length != strides.Length || shape.Length > 16) throw Wrong("the same number of strides and sizes, at most 16");
        if (offset < 0) throw Wrong("no negative numbers");
        Int128 count = 1, last = offset;
        var isEmpty = false;
        for (var i = 0; i < shape.Length; i++)
        {
            if (shape[i] < 0 || strides[i] < 0) throw Wrong("no negative numbers");
            isEmpty |= shape[i] == 0;
            count *= Math.Max(shape[i], 1);
            if (count > long.MaxValue) throw Wrong("a number of values that fits 64 bits");
            last += (Int128)Math.Max(shape[i] - 1, 0) * strides[i];
        }
        if (isEmpty ? offset > storage.Count : last >= storage.Count) throw Wrong("a view inside its storage");
        // Otherwise, an expanded view of one number could request any amount of memory.
        if (!isEmpty && count > storage.Count) throw Wrong("no more values than the storage has", "Save a contiguous copy.");
        return new(storage, offset, shape, strides);

        SkTuningException Wrong(string expected, string? advice = null) => Bad(
            $"a tensor of shape [{string.Join(", ", shape.Take(20))}], strides [{string.Join(", ", strides.Take(20))}] and offset {offset} "
            + $"in a storage of {storage.Count} values", expected, advice);
    }

    private long[] Sizes(PickleValue tuple)
    {
        if (tuple.Kind != PickleKind.Tuple) throw Bad($"{tuple.Describe()} as a shape", "a tuple of numbers");
        var values = (PickleValue[])tuple.Object!;
        Spend(24 + 8 * values.Length);
        var sizes = new long[values.Length];
        for (var i = 0; i < sizes.Length; i++)
            sizes[i] = values[i].Kind == PickleKind.Int ? values[i].Number : throw Bad($"{values[i].Describe()} in a shape", "a number");
        return sizes;
    }

    private void SetItems(int first, bool marked = false)
    {
        var start = marked ? first + 1 : first;
        if (start < 1 || (_stack.Count - start) % 2 != 0) throw Bad("an odd number of keys and values", "pairs");
        Expect(PickleKind.Dictionary, _stack[first - 1]);
        var dictionary = (PickleDictionary)_stack[first - 1].Object!;
        for (var i = start; i < _stack.Count; i += 2)
            if (_stack[i].Kind == PickleKind.Text)
            {
                Spend(_stack[i + 1].Kind == PickleKind.Tensor ? 300 : 96);    // a tensor also gets into the checkpoint's tables
                dictionary.Add((string)_stack[i].Object!, _stack[i + 1]);
            }
        Drop(first);
    }

    private void PushTuple(int first, bool marked = false)
    {
        if (first < 0) throw Bad("a tuple of more values than the stack has", "a complete pickle");
        var start = marked ? first + 1 : first;
        Spend(24 + 24 * (_stack.Count - start));
        var values = new PickleValue[_stack.Count - start];
        _stack.CopyTo(start, values, 0, values.Length);
        Drop(first);
        Push(new(PickleKind.Tuple, 0, values));
    }

    private void PushText(ulong length)
    {
        if (length > (ulong)(_code.Length - _at)) throw Bad($"a text of {length} bytes", $"at most {_code.Length - _at}");
        Spend(32 + 2 * (long)length);
        try { Push(PickleValue.Of(Utf8.GetString(Bytes((int)length)))); }
        catch (ArgumentException) { throw Bad("a text that is not UTF-8", "UTF-8"); }
    }

    private string PopText(string what) => Pop() is { Kind: PickleKind.Text, Object: string text } ? text : throw Bad("a value of another type", what);

    private long Long(int bytes)
    {
        if (bytes > 8) throw Bad($"a number of {bytes} bytes", "at most 8");
        long number = 0;
        var read = Bytes(bytes);
        for (var i = 0; i < bytes; i++) number |= (long)read[i] << 8 * i;
        return bytes is 0 or 8 ? number : number << 64 - 8 * bytes >> 64 - 8 * bytes;
    }

    private string Line()
    {
        var length = _code.AsSpan(_at).IndexOf((byte)'\n');
        if (length is < 0 or > 1000) throw Bad("a name without a line end", "a name");
        Spend(32 + 2 * length);
        var text = Encoding.Latin1.GetString(Bytes(length));
        _at++;
        return text;
    }

    private void Remember(long key)
    {
        // Python numbers them in order.
        if (key > _memo.Count) throw Bad($"memo {key} after {_memo.Count} others", "memos in order");
        Spend(72);
        if (key == _memo.Count) _memo.Add(Peek());
        else _memo[(int)key] = Peek();
    }

    private void Recall(long key) => Push(key < _memo.Count ? _memo[(int)key] : throw Bad($"memo {key}, which was not written", "an existing memo"));

    private int Mark()
    {
        for (var i = _stack.Count - 1; i >= 0; i--)
            if (_stack[i].Kind == PickleKind.Mark) return i;
        throw Bad("no mark on the stack", "a mark");
    }

    private void Drop(int from) => _stack.RemoveRange(from, _stack.Count - from);

    private PickleValue Peek() => _stack.Count > 0 ? _stack[^1] : throw Bad("an empty stack", "a value");

    private PickleValue Pop()
    {
        var value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private void Push(PickleValue value)
    {
        if (_stack.Count == MaxStackDepth) throw Bad($"more than {MaxStackDepth} values on the stack", "the pickle of a state dict");
        _stack.Add(value);
    }

    private void Expect(PickleKind kind, PickleValue value)
    {
        if (value.Kind != kind) throw Bad(value.Describe(), $"a {kind}");
    }

    private byte Next() => Bytes(1)[0];

    private ReadOnlySpan<byte> Bytes(int count)
    {
        if (count > _code.Length - _at) throw Bad("a truncated pickle", "a complete pickle");
        _at += count;
        return _code.AsSpan(_at - count, count);
    }

    private void Spend(long bytes)
    {
        if ((_budget -= bytes) < 0) throw Bad("a pickle with too many objects for its size", "the pickle of a state dict");
    }

    private SkTuningException Bad(string found, string expected, string? advice = null)
        => SkTuningException.BadFile(_file, "data.pkl", found, expected, advice ?? "Save the model as safetensors.");
}
