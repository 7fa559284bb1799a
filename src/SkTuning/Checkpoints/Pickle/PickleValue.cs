namespace SkTuning.Checkpoints.Pickle;

/// <summary>The types of value that a restricted pickle can contain.</summary>
internal enum PickleKind : byte
{
    None, Bool, Int, Float, Text, Tuple, List, Dictionary, Global, Storage, Tensor, Mark,
}

/// <summary>A value on the unpickler's stack. Numbers are stored in the struct itself, so that a file with a million numbers creates no objects.</summary>
internal readonly record struct PickleValue(PickleKind Kind, long Number = 0, object? Object = null)
{
    public static PickleValue Of(string text) => new(PickleKind.Text, 0, text);

    public string Describe() => Kind switch
    {
        PickleKind.Text => $"the text '{Shortened((string)Object!)}'",
        PickleKind.Int => $"the number {Number}",
        PickleKind.Global => $"'{Object}'",
        _ => $"a {Kind}",
    };

    private static string Shortened(string text) => text.Length <= 60 ? text : text[..60] + "…";
}

/// <summary>A dictionary, such as the OrderedDict of a state dict. Only entries with a text key are kept: a tensor's name is text.</summary>
internal sealed class PickleDictionary
{
    public List<(string Key, PickleValue Value)>? Entries { get; private set; }

    public void Add(string key, PickleValue value) => (Entries ??= []).Add((key, value));
}

/// <summary>A block of memory with its own entry in the zip file. Tensors are views of it.</summary>
internal sealed record PickleStorage(string Key, StorageType Type, long Count);

/// <summary>A tensor: a view of a storage, already checked to lie inside it.</summary>
internal sealed record PickleTensor(PickleStorage Storage, long Offset, long[] Shape, long[] Strides)
{
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>True if its values are stored one after another in order.</summary>
    public bool IsContiguous
    {
        get
        {
            long next = 1;
            for (var i = Shape.Length - 1; i >= 0; next *= Shape[i--])
                if (Shape[i] != 1 && Strides[i] != next) return Shape.Contains(0);
            return true;
        }
    }
}
