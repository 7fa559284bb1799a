using SkTuning.Data;

namespace SkTuning.Tests.Data;

public sealed class RowFormatTests
{
    [Fact]
    public void The_error_for_a_format_of_another_package_names_the_package_and_the_call()
    {
        var registry = new FormatRegistry();
        Assert.Equal("rows.csv: found the extension '.csv', for which no reader is registered, expected .tsv, .jsonl or .units for labeled rows. "
            + "Add the package SkTuning.Data.Csv and call CsvFormat.Register().", Error(() => registry.ForRows("rows.csv", withLabels: true)));
        Assert.Equal("rows.PARQUET: found the extension '.parquet', for which no reader is registered, expected .tsv, .txt, .jsonl or .units for rows. "
            + "Add the package SkTuning.Data.Parquet and call ParquetFormat.Register().", Error(() => registry.ForRows("rows.PARQUET", withLabels: false)));
        Assert.Contains("call ParquetFormat.Register()", Error(() => registry.ForTokenRows("rows.parquet")));
        Assert.DoesNotContain("CsvFormat", Error(() => registry.ForTokenRows("rows.csv")));
        Assert.Equal("rows.xml: found the extension '.xml', expected .jsonl, .conll, .bio, .iob, .iob2, .txt or .tsv for words with tags. "
            + "Rename the file to match its format.", Error(() => registry.ForTokenRows("rows.xml")));
    }

    [Fact]
    public void Registering_a_format_again_changes_nothing()
    {
        var before = FormatRegistry.Default.ForRows("rows.csv", withLabels: true);
        Parallel.For(0, 8, _ =>
        {
            CsvFormat.Register();
            ParquetFormat.Register();
        });
        Assert.Same(before, FormatRegistry.Default.ForRows("rows.csv", withLabels: true));
        Assert.Contains("expected .tsv, .jsonl, .units, .csv or .parquet for labeled rows", Error(() => RowFile.Stream("rows.xml")));
    }

    [Fact]
    public void An_application_can_add_a_format_of_its_own()
    {
        var registry = new FormatRegistry();
        registry.Register(new Lines(".lines"));
        Assert.Equal([new Row("rows.lines", "a")], registry.ForRows("rows.lines", withLabels: true).ReadRows("rows.lines", new(), withLabels: true));
        registry.Register(new Lines(".rows"));   // replaces the format of the same name
        Assert.Contains("'.lines'", Error(() => registry.ForRows("rows.lines", withLabels: true)));
        registry.Register(new Lines(".TSV"));
        Assert.IsType<Lines>(registry.ForRows("rows.tsv", withLabels: true));
        Assert.Contains("the extension 'rows' has no leading dot", Error(() => { registry.Register(new Lines("rows")); return ""; }));
    }

    private static string Error(Func<object> use) => Assert.ThrowsAny<SkTuningException>(() => { use(); }).Message;

    private sealed class Lines(string extension) : RowFormat
    {
        public override string Name => "lines";

        public override IReadOnlyList<string> RowExtensions => [extension];

        public override IEnumerable<Row> ReadRows(string path, RowFileOptions options, bool withLabels) => [new(path, "a")];
    }
}
