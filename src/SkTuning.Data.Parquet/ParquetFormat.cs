using SkTuning.Data;
using SkTuning.Data.Parquet;

namespace SkTuning;

/// <summary>Parquet files (<c>.parquet</c>) for <see cref="RowFile"/> and <see cref="TokenRowFile"/>.</summary>
public static class ParquetFormat
{
    private static readonly ParserFormat Format = new("Parquet", [".parquet"], [".parquet"])
    {
        OpenRows = (path, options, withLabels) => new ParquetRowParser(path, options, withLabels),
        OpenTokenRows = (path, options) => new ParquetTokenParser(path, options),
    };

    /// <summary>
    /// Adds the format to those that <see cref="RowFile"/> and <see cref="TokenRowFile"/> read. Further calls do nothing. Safe to call from several threads.
    /// </summary>
    public static void Register() => RowFormat.Register(Format);
}
