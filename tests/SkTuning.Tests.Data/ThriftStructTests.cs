using SkTuning.Data.Parquet;

namespace SkTuning.Tests.Data;

/// <summary>What a Parquet file must contain.</summary>
public sealed class ThriftStructTests
{
    /// <summary>The fields that parquet.thrift marks as required.</summary>
    [Fact]
    public void Required_fields_are_those_of_the_format()
    {
        (ThriftStruct Struct, int[] Required)[] expected =
        [
            (ThriftStruct.SchemaElement, [4]), (ThriftStruct.ColumnMetaData, [1, 2, 3, 4, 5, 6, 7, 9]), (ThriftStruct.ColumnChunk, []),
            (ThriftStruct.RowGroup, [1, 2, 3]), (ThriftStruct.FileMetaData, [1, 2, 3, 4]), (ThriftStruct.DataPage, [1, 2, 3, 4]),
            (ThriftStruct.DictionaryPage, [1, 2]), (ThriftStruct.DataPage2, [1, 2, 3, 4, 5, 6]), (ThriftStruct.PageHeader, [1, 2, 3]),
        ];
        foreach (var (type, required) in expected) Assert.Equal(required, type.Required);
    }
}
