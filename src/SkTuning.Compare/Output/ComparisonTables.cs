using System.Globalization;
using System.Text;
using CsvHelper;
using Parquet;
using Parquet.Schema;

namespace SkTuning.Compare;

/// <summary>
/// A result as tables for other programs: <c>trials</c> (dev figures of every trial), <c>epochs</c> (learning curves), <c>scores</c> (tests), <c>classes</c> (tests by class),
/// <c>summary</c> (over seeds), <c>comparisons</c> (paired tests), <c>predictions</c> (every test row). The same columns in both formats; learning rates and scores in full precision.
/// </summary>
public static class ComparisonTables
{
    /// <summary>The names of the tables, which are those of the files.</summary>
    public static IReadOnlyList<string> Names { get; } = ["trials", "epochs", "scores", "classes", "summary", "comparisons", "predictions"];

    /// <summary>Writes <c>{table}.csv</c> for every table: UTF-8, RFC 4180, invariant numbers, empty where there is no value.</summary>
    /// <param name="result">The result.</param>
    /// <param name="folder">A folder that is there.</param>
    /// <exception cref="SkTuningException">A file cannot be written.</exception>
    public static void WriteCsv(ComparisonResult result, string folder)
    {
        foreach (var (name, columns) in ResultTables.Of(result)) AtomicFile.Write(Path.Combine(folder, name + ".csv"), stream => Csv(columns, stream));
    }

    /// <summary>Writes <c>{table}.parquet</c> for every table: strings, 64-bit integers and doubles, null where there is no value.</summary>
    /// <param name="result">The result.</param>
    /// <param name="folder">A folder that is there.</param>
    /// <exception cref="SkTuningException">A file cannot be written.</exception>
    public static void WriteParquet(ComparisonResult result, string folder)
    {
        // Parquet.Net has async calls only; on a stream in memory none of them waits for anything.
        foreach (var (name, columns) in ResultTables.Of(result))
        {
            using var memory = new MemoryStream();
            Parquet(columns, memory).GetAwaiter().GetResult();
            AtomicFile.Write(Path.Combine(folder, name + ".parquet"), stream => memory.WriteTo(stream));
        }
    }

    private static void Csv(IReadOnlyList<TableColumn> columns, Stream stream)
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        using var csv = new CsvWriter(writer, new CsvHelper.Configuration.CsvConfiguration(CultureInfo.InvariantCulture) { NewLine = "\n" }, leaveOpen: true);
        foreach (var column in columns) csv.WriteField(column.Name);
        csv.NextRecord();
        for (var row = 0; row < columns[0].Count; row++)
        {
            foreach (var column in columns) csv.WriteField(Convert.ToString(column.Value(row), CultureInfo.InvariantCulture));
            csv.NextRecord();
        }
    }

    private static async Task Parquet(IReadOnlyList<TableColumn> columns, Stream stream)
    {
        var fields = columns.Select(Field).ToArray();
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), stream).ConfigureAwait(false);
        using var group = writer.CreateRowGroup();
        foreach (var (column, field) in columns.Zip(fields))
            await (column switch
            {
                TableColumn.Of<string> texts => group.WriteAsync(field, texts.Values!),
                TableColumn.Of<long?> integers => group.WriteAsync<long>(field, integers.Values.AsMemory()),
                TableColumn.Of<double?> numbers => group.WriteAsync<double>(field, numbers.Values.AsMemory()),
                _ => throw new InvalidOperationException(column.Name),
            }).ConfigureAwait(false);
        group.CompleteValidate();
    }

    private static DataField Field(TableColumn column) => column switch
    {
        TableColumn.Of<string> => new DataField<string>(column.Name, true),
        TableColumn.Of<long?> => new DataField<long?>(column.Name),
        _ => new DataField<double?>(column.Name),
    };
}
