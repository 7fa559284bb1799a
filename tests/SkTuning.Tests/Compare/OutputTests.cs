using System.Globalization;
using CsvHelper;
using Parquet;
using Parquet.Schema;
using SkTuning.Compare;
using SkTuning.Models;

namespace SkTuning.Tests.Compare;

/// <summary>One small result, made once.</summary>
public sealed class SmallResult : IDisposable
{
    private readonly SmallComparison _small = new();

    public SmallResult()
    {
        Result = _small.Run(_small.Make());
        ComparisonTables.WriteCsv(Result, _small.Results);
        ComparisonTables.WriteParquet(Result, _small.Results);
    }

    public ComparisonResult Result { get; }

    public string this[string file] => Path.Combine(_small.Results, file);

    public void Dispose() => _small.Dispose();
}

/// <summary>What a result looks like in files.</summary>
public sealed class OutputTests(SmallResult small) : IClassFixture<SmallResult>
{
    private ComparisonResult Result => small.Result;

    [Fact]
    public void A_result_that_is_saved_and_loaded_is_the_same()
    {
        Result.Save(small["result.json"]);
        var loaded = ComparisonResult.Load(Path.GetDirectoryName(small["result.json"])!);
        Assert.Equal(SmallComparison.Text(Result), SmallComparison.Text(loaded));
        Assert.Equal(Result.NotBetter.Count, loaded.NotBetter.Count);
        File.WriteAllText(small["bad.json"], """{ "name": 3 }""");
        Assert.Contains("bad.json", Assert.ThrowsAny<SkTuningException>(() => ComparisonResult.Load(small["bad.json"])).Message);
    }

    [Fact]
    public void Csv_has_a_line_for_each_trial_and_numbers_that_read_back()
    {
        using var csv = new CsvReader(new StreamReader(small["trials.csv"]), CultureInfo.InvariantCulture);
        csv.Read();
        csv.ReadHeader();
        var rows = new List<(string, string, long, double?, double?)>();
        while (csv.Read()) rows.Add((csv.GetField("data_set")!, csv.GetField("method")!, csv.GetField<long>("seed"), csv.GetField<double?>("learning_rate"), csv.GetField<double?>("dev_score")));
        Assert.Equal(Result.Trials.Select(t => (t.DataSet, t.Method, (long)t.Seed, t.Rate, t.DevScore)), rows);
    }

    [Fact]
    public async Task Parquet_holds_the_same_columns_and_values_as_csv()
    {
        foreach (var name in ComparisonTables.Names)
        {
            using var csv = new CsvReader(new StreamReader(small[name + ".csv"]), CultureInfo.InvariantCulture);
            csv.Read();
            csv.ReadHeader();
            var lines = new List<string[]>();
            while (csv.Read()) lines.Add(csv.Parser.Record!);

            await using var parquet = await ParquetReader.CreateAsync(small[name + ".parquet"]);
            var fields = parquet.Schema.GetDataFields();
            Assert.Equal(csv.HeaderRecord, fields.Select(f => f.Name));
            using var group = parquet.OpenRowGroupReader(0);
            for (var c = 0; c < fields.Length; c++) Assert.Equal(lines.Select(l => l[c]), await Texts(group, fields[c], lines.Count));
        }
    }

    [Fact]
    public void Predictions_are_kept_for_every_test_row_of_what_was_chosen()
    {
        Assert.Equal(Result.Scores.Count * Result.DataSets[0].Truth.Count, File.ReadLines(small["predictions.csv"]).Count() - 1);
        Assert.All(Result.Scores, s => Assert.Equal(s.Accuracy, s.Predicted.Zip(Result.DataSets[0].Truth, (p, t) => p == t ? 1.0 : 0).Average(), 1e-12));
        Assert.All(Result.Scores.Where(s => s.Method == "sk-prefix"), s => Assert.All(s.Confidence, p => Assert.InRange(p, 0.5, 1)));
    }

    [Fact]
    public void Summaries_are_of_the_scores()
    {
        foreach (var summary in Result.Summaries)
        {
            double[] scores = [.. Result.Scores.Where(s => s.Method == summary.Method).Select(s => s.Score)];
            Assert.Equal(scores, summary.Scores);
            Assert.Equal(scores.Average(), summary.Mean!.Value, 1e-12);
            Assert.Equal(Math.Abs(scores[0] - scores[1]) / Math.Sqrt(2), summary.Sd!.Value, 1e-12);
        }
        var tuned = Result.Summaries.Single(s => s.Method == "sk-prefix");
        Assert.True(tuned is { Parameters: > 0, AdapterBytes: > 0, SecondsPerStep: > 0, TrainRows: 9 } && tuned.Rates.Count == 2, $"{tuned}");
    }

    [Fact]
    public void Markdown_states_scores_and_what_was_not_better_plainly()
    {
        var page = ComparisonMarkdown.Of(Result, "sktuning compare small.json");
        Assert.StartsWith("# small\n\nMade by `sktuning compare small.json`, not by hand.\n", page);
        foreach (var summary in Result.Summaries) Assert.Contains(ComparisonMarkdown.Shown(summary, 2), page);
        Assert.Contains("## sk-prefix against each method", page);
        Assert.Contains("## Where sk-prefix was not better", page);
        Assert.Equal(Result.NotBetter.Count, page.Split('\n').Count(l => l.StartsWith("- mail: ", StringComparison.Ordinal) && l.Contains("95 % interval", StringComparison.Ordinal)));
        Assert.Contains("tiny, llama, ", page);
        Assert.DoesNotContain(Environment.MachineName, page);
        Assert.DoesNotContain(Fixtures.Repository, page);
        Assert.DoesNotContain("Not complete", page);
        Assert.Contains("**Not complete: 1 of 8 trials", ComparisonMarkdown.Of(Result with { IsComplete = false, Trials = [Result.Trials[0]] }));
    }

    private static async Task<string[]> Texts(ParquetRowGroupReader group, DataField field, int rows)
    {
        if (field.ClrType == typeof(ReadOnlyMemory<char>))
        {
            var texts = new string?[rows];
            await group.ReadAsync(field, texts.AsMemory());
            return [.. texts.Select(t => t ?? "")];
        }
        if (field.ClrType == typeof(long))
        {
            var integers = new long?[rows];
            await group.ReadAsync<long>(field, integers.AsMemory());
            return [.. integers.Select(v => Convert.ToString(v, CultureInfo.InvariantCulture) ?? "")];
        }
        var numbers = new double?[rows];
        await group.ReadAsync<double>(field, numbers.AsMemory());
        return [.. numbers.Select(v => Convert.ToString(v, CultureInfo.InvariantCulture) ?? "")];
    }
}
