using System.Globalization;
using Parquet;
using Parquet.Schema;
using SkTuning.Data;

namespace SkTuning.Tests.Data;

/// <summary>One value is one label, whatever the format and the type that it is stored in.</summary>
public sealed class LabelNameTests
{
    [Theory]
    [InlineData("1", "1")]
    [InlineData("1.0", "1")]
    [InlineData("10e-1", "1")]
    [InlineData("-0", "0")]
    [InlineData("-0.0", "0")]
    [InlineData("0e5", "0")]
    [InlineData("0.10", "0.1")]
    [InlineData("-2.50", "-2.5")]
    [InlineData("100", "100")]
    [InlineData("1E+15", "1000000000000000")]
    [InlineData("0.0000001", "0.0000001")]
    [InlineData("1e-9", "1E-09")]
    [InlineData("12e30", "1.2E+31")]
    [InlineData("9007199254740993", "9007199254740993")]
    [InlineData("79228162514264337593543950335", "7.9228162514264337593543950335E+28")]
    [InlineData("1e400", null)]
    [InlineData("NaN", null)]
    [InlineData("", null)]
    [InlineData("-", null)]
    [InlineData("1e", null)]
    [InlineData("1 ", null)]
    public void A_number_has_one_name(string written, string? name) => Assert.Equal(name, NumberName.Of(written));

    [Fact]
    public void Doubles_and_floats_have_the_names_of_their_shortest_texts()
    {
        Assert.Equal("0.1", NumberName.Of(0.1));
        Assert.Equal("0.1", NumberName.Of(0.1f.ToString(CultureInfo.InvariantCulture)));
        Assert.Equal("0", NumberName.Of(-0.0));
        Assert.Null(NumberName.Of(double.NaN));
        Assert.Null(NumberName.Of(double.NegativeInfinity));
    }

    [Fact]
    public async Task The_same_values_are_the_same_labels_in_jsonl_and_parquet()
    {
        using var json = new TemporaryFile(".jsonl", string.Concat(
            "1.0 0.0 -0.0 2.50 1e15 true false".Split(' ').Select(v => $"{{\"text\":\"{v}\",\"label\":{v},\"labels\":[{v},\"a\"]}}\n")));
        Assert.Equal(["1", "0", "0", "2.5", "1000000000000000", "true", "false"], RowFile.Load(json.Path).Select(r => r.Label));
        Assert.Equal(["2.5", "a"], RowFile.Load(json.Path, new() { LabelColumn = "labels" })[3].Labels);
        double[] values = [1.0, 0.0, -0.0, 2.5, 1e15];
        using var file = new TemporaryFile(".parquet", "");
        var schema = new ParquetSchema(new DataField<string>("text"), new DataField<double>("double"), new DataField<float>("single"),
            new DataField<decimal>("decimal"), new DataField<long>("long"), new DataField<bool>("flag"));
        await using (var stream = File.Create(file.Path))
        await using (var writer = await ParquetWriter.CreateAsync(schema, stream, cancellationToken: TestContext.Current.CancellationToken))
        {
            using var group = writer.CreateRowGroup();
            var fields = schema.DataFields;
            await group.WriteAsync(fields[0], values.Select(v => "x").ToArray());
            await group.WriteAsync<double>(fields[1], values);
            await group.WriteAsync<float>(fields[2], values.Select(v => (float)v).ToArray());
            await group.WriteAsync<decimal>(fields[3], values.Select(v => (decimal)v).ToArray());
            await group.WriteAsync<long>(fields[4], values.Select(v => (long)v).ToArray());
            await group.WriteAsync<bool>(fields[5], values.Select(v => v > 1).ToArray());
        }
        foreach (var column in (string[])["double", "single", "decimal"])
            Assert.Equal(RowFile.Load(json.Path).Take(5).Select(r => r.Label).SkipLast(column == "single" ? 1 : 0),
                RowFile.Load(file.Path, new() { LabelColumn = column }).Select(r => r.Label).SkipLast(column == "single" ? 1 : 0));
        Assert.Equal(["1", "0", "0", "2", "1000000000000000"], RowFile.Load(file.Path, new() { LabelColumn = "long" }).Select(r => r.Label));
        Assert.Equal(["false", "true"], RowFile.Load(file.Path, new() { LabelColumn = "flag" }).Select(r => r.Label).Distinct());
    }

    [Fact]
    public async Task NaN_and_infinity_are_bad_rows_of_parquet_files()
    {
        using var file = new TemporaryFile(".parquet", "");
        var schema = new ParquetSchema(new DataField<string>("text"), new DataField<double>("label"));
        await using (var stream = File.Create(file.Path))
        await using (var writer = await ParquetWriter.CreateAsync(schema, stream, cancellationToken: TestContext.Current.CancellationToken))
        {
            using var group = writer.CreateRowGroup();
            await group.WriteAsync(schema.DataFields[0], (string[])["a", "b", "c", "d"]);
            await group.WriteAsync<double>(schema.DataFields[1], (double[])[1, double.NaN, double.PositiveInfinity, double.NegativeInfinity]);
        }
        var bad = new List<BadRow>();
        Assert.Equal([new Row("a", "1")], RowFile.Load(file.Path, new() { OnBadRow = bad.Add }));
        Assert.Equal([2L, 3, 4], bad.Select(b => b.Line));
        Assert.Equal($"{file.Path}: 'row 2' is a row whose 'label' is NaN, expected a finite number.", bad[0].Reason);
        Assert.Equal(4, RowFile.LoadTexts(file.Path).Count);
    }

    [Fact]
    public void A_label_map_finds_a_number_however_it_is_written()
    {
        using var json = new TemporaryFile(".jsonl", "{\"text\":\"a\",\"label\":1.0}\n{\"text\":\"b\",\"label\":0}\n");
        var map = new Dictionary<string, string> { ["1.0"] = "yes", ["0.0"] = "no" };
        Assert.Equal(["yes", "no"], RowFile.Load(json.Path, new() { LabelMap = map }).Select(r => r.Label));
        using var tsv = new TemporaryFile(".tsv", "text\tlabel\na\t1.00\n");
        Assert.ThrowsAny<SkTuningException>(() => RowFile.Load(tsv.Path, new() { LabelMap = map }));
        Assert.Equal("1.00", RowFile.Load(tsv.Path).Single().Label);
    }

    [Theory]
    [InlineData(".tsv", "text\tlabel\na\t1.5\nb\t*\n")]
    [InlineData(".csv", "text,label\na,1.5\nb,\"*\"\n")]
    [InlineData(".jsonl", "{\"text\":\"a\",\"label\":1.5}\n{\"text\":\"b\",\"label\":\"*\"}\n")]
    public void A_label_that_is_no_finite_number_is_a_bad_row_of_a_regression_task(string extension, string content)
    {
        foreach (var label in (string[])["NaN", "inf", "Infinity", "-Infinity", "1e999", "x", "0,5", "1,000.5"])
        {
            using var file = new TemporaryFile(extension, content.Replace("*", label));
            var bad = new List<BadRow>();
            Assert.Equal([new Row("a", "1.5")], RowFile.Load(file.Path, new() { HasNumericLabels = true, OnBadRow = bad.Add }));
            Assert.Contains($"is a row whose 'label' is '{label}', expected a number such as 3.5.", Assert.Single(bad).Reason);
            Assert.Equal(label == "0,5", bad[0].Reason.Contains("Write numbers with a decimal point, not a comma."));
            Assert.Equal(2, RowFile.Load(file.Path).Count);
        }
    }

    [Fact]
    public void A_score_that_is_not_finite_is_refused_by_name()
    {
        Assert.Equal("Row 2: the number NaN, expected a finite number.",
            Assert.ThrowsAny<SkTuningException>(() => Rows.FromScored([1, double.NaN], _ => "text", d => d).ToList()).Message);
        Assert.Equal(["0", "2.5"], Rows.FromScored([-0.0, 2.5], _ => "text", d => d).Select(r => r.Label));
        Assert.Contains("'NaN', expected a number", Assert.ThrowsAny<SkTuningException>(() => new Row("a", "NaN").Score()).Message);
        Assert.Contains("decimal point", Assert.ThrowsAny<SkTuningException>(() => new Row("a", "0,5").Score()).Message);
    }

    [Fact]
    public void Labels_that_differ_only_in_case_blanks_or_unicode_form_are_found()
    {
        var variants = LabelNames.Variants(["Box", "box", "box ", "caf\u00e9", "cafe\u0301", "\u00a0CAFE\u0301", "other", "\uff11", "1", "tür", "tur"]);
        Assert.Equal(3, variants.Count);
        Assert.Equal("'1' = '\uff11'", LabelNames.Shown(variants[0]));
        Assert.Equal("'Box' = 'box' = 'box '", LabelNames.Shown(variants[1]));
        Assert.Equal("'cafe\\u0301' = 'caf\u00e9' = '\\u00a0CAFE\\u0301'", LabelNames.Shown(variants[2]));
    }
}
