using SkTuning.Tests.Training;

namespace SkTuning.Tests.Classifiers;

/// <summary>What remains of texts that are longer than the model may read.</summary>
public sealed class TruncationTests(SmallTask task) : IClassFixture<SmallTask>
{
    private const string Long = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        + "eighteen nineteen twenty";
    private const int Most = 12;

    [Fact]
    public void The_middle_goes_and_a_quarter_of_what_stays_is_the_beginning()
    {
        using var classifier = Train("{text}");
        var encoder = classifier.Adapter.Encoder;
        int[] whole = task.Model.Tokenizer.EncodeIds(Long, addSpecialTokens: false);
        var row = encoder.Encode(Long);
        var special = Most - encoder.Encode(Long).Ids.Count(whole.Contains);
        Assert.True(row.WasTruncated);
        Assert.Equal(Most, row.Ids.Length);
        var head = (Most - special) / 4;
        Assert.Equal([.. whole[..head], .. whole[^(Most - special - head)..]], row.Ids.Where(whole.Contains));
        Assert.False(encoder.Encode("one two").WasTruncated);
    }

    [Fact]
    public void What_the_template_puts_around_a_text_stays()
    {
        using var classifier = Train("the long words before it: {text} end.");
        var tokenizer = task.Model.Tokenizer;
        var row = classifier.Adapter.Encoder.Encode(Long);
        int[] before = tokenizer.EncodeIds("the long words before it: ", addSpecialTokens: false),
            after = tokenizer.EncodeIds(" end.", addSpecialTokens: false);
        Assert.Equal(Most, row.Ids.Length);
        Assert.Contains(string.Join(' ', before[..^1]), string.Join(' ', row.Ids));
        Assert.EndsWith(string.Join(' ', after), string.Join(' ', row.Ids));
    }

    [Fact]
    public void An_adapter_remembers_it_and_the_report_counts_the_rows()
    {
        using var folder = new TemporaryFolder();
        using var classifier = Train("{text}");
        Assert.Equal(task.Rows.Count(r => classifier.Adapter.Encoder.Encode(r.Text).WasTruncated), classifier.Report!.TruncatedRows);
        classifier.Save(folder["adapter"]);
        using var loaded = TextClassifier.Load(folder["adapter"], task.Model);
        Assert.Equal(classifier.Adapter.Encoder.Encode(Long).Ids, loaded.Adapter.Encoder.Encode(Long).Ids);
        Assert.Equal(classifier.Predict(Long).Scores, loaded.Predict(Long).Scores);
    }

    [Fact]
    public void Pairs_are_refused_by_name()
    {
        var rows = task.Rows.Select(r => new Row(r.Text, r.Label) { Text2 = "x" }).ToList();
        var e = Assert.ThrowsAny<SkTuningException>(() =>
        {
            TextClassifier.Train(task.Model, rows,
            task.Options(method: new ProbeOptions()) with { Truncation = Truncation.Middle, Dev = rows }).Dispose();
        });
        Assert.Contains("Truncation is Middle, expected End", e.Message);
    }

    private TextClassifier Train(string template)
        => TextClassifier.Train(task.Model, task.Rows,
            task.Options(new() { Epochs = 1 }, new ProbeOptions()) with { Truncation = Truncation.Middle, MaxTokens = Most, Template = template });
}
