namespace SkTuning.Checkpoints.Pickle;

/// <summary>What a restricted pickle can hold.</summary>
internal enum PickleKind : byte
{
    None, Bool, Int, Float, Text, Tuple, List, Dictionary, Global, Storage, Tensor, Mark,
}

/// <summary>A value on the unpickler's stack. Numbers are in the struct itself: a file of a million numbers makes no objects.</summary>
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

/// <summary>A dictionary, or the OrderedDict that a state dict is. Only entries with text as the key are kept: a tensor's name is text.</summary>
internal sealed class PickleDictionary
{
    public List<(string Key, PickleValue Value)>? Entries { get; private set; }

    public void Add(string key, PickleValue value) => (Entries ??= []).Add((key, value));
}

/// <summary>A piece of memory in an entry of its own, under tensors that look at it.</summary>
internal sealed record PickleStorage(string Key, StorageType Type, long Count);

/// <summary>A tensor: a view of a storage. Checked: it stays inside.</summary>
internal sealed record PickleTensor(PickleStorage Storage, long Offset, long[] Shape, long[] Strides)
{
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Whether its values lie one after the other in order.</summary>
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
