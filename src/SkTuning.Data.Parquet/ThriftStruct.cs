namespace SkTuning.Data.Parquet;

/// <summary>The type of a value in Thrift's compact protocol: its code, and for a list or a structure what it holds.</summary>
internal sealed record ThriftType(int Code, ThriftType? Element = null, ThriftStruct? Struct = null)
{
    public static readonly ThriftType Bool = new(1), I8 = new(3), I16 = new(4), I32 = new(5), I64 = new(6), Double = new(7), Binary = new(8);

    public static ThriftType List(ThriftType element) => new(9, element);

    public static ThriftType Of(ThriftStruct type) => new(12, Struct: type);
}

/// <summary>A structure of the Parquet format (parquet.thrift): the types of its fields by their ids, and which of them every writer writes.</summary>
internal sealed class ThriftStruct(string name, int[] required, params (int Id, ThriftType Type)[] fields)
{
    private readonly Dictionary<int, ThriftType> _fields = fields.ToDictionary(f => f.Id, f => f.Type);

    private static readonly ThriftType Bool = ThriftType.Bool, I8 = ThriftType.I8, I16 = ThriftType.I16, I32 = ThriftType.I32, I64 = ThriftType.I64,
        Binary = ThriftType.Binary, Empty = ThriftType.Of(new("empty structure", []));

    private static readonly ThriftStruct Statistics = new("statistics", [], (1, Binary), (2, Binary), (3, I64), (4, I64), (5, Binary), (6, Binary),
        (7, Bool), (8, Bool));

    private static readonly ThriftType KeyValues = ThriftType.List(ThriftType.Of(new("key and value", [1], (1, Binary), (2, Binary))));

    private static readonly ThriftType TimeType = ThriftType.Of(new("time type", [], (1, Bool),
        (2, ThriftType.Of(new("time unit", [], (1, Empty), (2, Empty), (3, Empty))))));

    private static readonly ThriftType LogicalType = ThriftType.Of(new("logical type", [], (1, Empty), (2, Empty), (3, Empty), (4, Empty),
        (5, ThriftType.Of(new("decimal type", [1, 2], (1, I32), (2, I32)))), (6, Empty), (7, TimeType), (8, TimeType),
        (10, ThriftType.Of(new("integer type", [1, 2], (1, I8), (2, Bool)))), (11, Empty), (12, Empty), (13, Empty), (14, Empty), (15, Empty),
        (16, ThriftType.Of(new("variant type", [], (1, I8)))), (17, ThriftType.Of(new("geometry type", [], (1, Binary)))),
        (18, ThriftType.Of(new("geography type", [], (1, Binary), (2, I32))))));

    public static readonly ThriftStruct SchemaElement = new("schema element", [4], (1, I32), (2, I32), (3, I32), (4, Binary), (5, I32), (6, I32), (7, I32),
        (8, I32), (9, I32), (10, LogicalType));

    public static readonly ThriftStruct ColumnMetaData = new("column metadata", [1, 2, 3, 4, 5, 6, 7, 9], (1, I32), (2, ThriftType.List(I32)),
        (3, ThriftType.List(Binary)), (4, I32), (5, I64), (6, I64), (7, I64), (8, KeyValues), (9, I64), (10, I64), (11, I64), (12, ThriftType.Of(Statistics)),
        (13, ThriftType.List(ThriftType.Of(new("encoding statistics", [1, 2, 3], (1, I32), (2, I32), (3, I32))))), (14, I64), (15, I32),
        (16, ThriftType.Of(new("size statistics", [], (1, I64), (2, ThriftType.List(I64)), (3, ThriftType.List(I64))))));

    public static readonly ThriftStruct ColumnChunk = new("column chunk", [], (1, Binary), (2, I64), (3, ThriftType.Of(ColumnMetaData)), (4, I64), (5, I32),
        (6, I64), (7, I32), (9, Binary));

    public static readonly ThriftStruct RowGroup = new("row group", [1, 2, 3], (1, ThriftType.List(ThriftType.Of(ColumnChunk))), (2, I64), (3, I64),
        (4, ThriftType.List(ThriftType.Of(new("sorting column", [1, 2, 3], (1, I32), (2, Bool), (3, Bool))))), (5, I64), (6, I64), (7, I16));

    public static readonly ThriftStruct FileMetaData = new("file metadata", [1, 2, 3, 4], (1, I32), (2, ThriftType.List(ThriftType.Of(SchemaElement))),
        (3, I64), (4, ThriftType.List(ThriftType.Of(RowGroup))), (5, KeyValues), (6, Binary),
        (7, ThriftType.List(ThriftType.Of(new("column order", [], (1, Empty), (2, Empty))))));

    public static readonly ThriftStruct DataPage = new("data page header", [1, 2, 3, 4], (1, I32), (2, I32), (3, I32), (4, I32),
        (5, ThriftType.Of(Statistics)));

    public static readonly ThriftStruct DictionaryPage = new("dictionary page header", [1, 2], (1, I32), (2, I32), (3, Bool));

    public static readonly ThriftStruct DataPage2 = new("data page header", [1, 2, 3, 4, 5, 6], (1, I32), (2, I32), (3, I32), (4, I32), (5, I32), (6, I32),
        (7, Bool), (8, ThriftType.Of(Statistics)));

    public static readonly ThriftStruct PageHeader = new("page header", [1, 2, 3], (1, I32), (2, I32), (3, I32), (4, I32), (5, ThriftType.Of(DataPage)),
        (6, Empty), (7, ThriftType.Of(DictionaryPage)), (8, ThriftType.Of(DataPage2)));

    public string Name => name;

    public IReadOnlyList<int> Required => required;

    /// <summary>The type of a field; null for a field that the format does not have yet.</summary>
    public ThriftType? Type(int id) => _fields.GetValueOrDefault(id);
}
