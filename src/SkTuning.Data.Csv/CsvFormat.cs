using SkTuning.Data;
using SkTuning.Data.Csv;

namespace SkTuning;

/// <summary>CSV files (<c>.csv</c>, RFC 4180) for <see cref="RowFile"/>.</summary>
public static class CsvFormat
{
    private static readonly ParserFormat Format = new("CSV", [".csv"], [])
    {
        OpenRows = (path, options, withLabels) => new CsvRowParser(path, options, withLabels),
    };

    /// <summary>Adds the format to those that <see cref="RowFile"/> reads. Further calls do nothing. Safe to call from several threads.</summary>
    public static void Register() => RowFormat.Register(Format);
}
