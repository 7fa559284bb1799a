using System.Globalization;
using System.Text;
using CsvHelper;
using Parquet;
using Parquet.Schema;

namespace SkTuning.Compare;

/// <summary>
/// Writes a result as tables for other programs: <c>trials</c> (dev scores of every trial), <c>epochs</c> (learning curves), <c>scores</c> (test scores),
/// <c>classes</c> (test scores per class), <c>summary</c> (over the seeds), <c>comparisons</c> (paired tests) and <c>predictions</c> (every test row).
/// Both formats have the same columns, with learning rates and scores in full precision.
/// </summary>
public static class ComparisonTables
{
    /// <summary>Gets the names of the tables, which are also the names of the files.</summary>
    public static IReadOnlyList<string> Names { get; } = ["trials", "epochs", "scores", "classes", "summary", "comparisons", "predictions"];

    /// <summary>Writes <c>{table}.csv</c> for every table, in UTF-8 according to RFC 4180, with culture-invariant numbers. Missing values are empty.</summary>
    /// <param name="result">The result.</param>
    /// <param name="folder">The folder, which must exist.</param>
    /// <exception cref="SkTuningException">A file cannot be written.</exception>
    public static void WriteCsv(ComparisonResult result, string folder)
    {
        foreach (var (name, columns) in ResultTables.Of(result))
            AtomicFile.Write(Path.Combine(folder, name + ".csv"), stream => Csv(columns, stream));
    }

    /// <summary>Writes <c>{table}.parquet</c> for every table, with strings, 64-bit integers and doubles. Missing values are null.</summary>
    /// <param name="result">The result.</param>
    /// <param name="folder">The folder, which must exist.</param>
    /// <exception cref="SkTuningException">A file cannot be written.</exception>
    public static void WriteParquet(ComparisonResult result, string folder)
    {
        // Parquet.Net has only asynchronous methods. With a memory stream, they complete synchronously.
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
