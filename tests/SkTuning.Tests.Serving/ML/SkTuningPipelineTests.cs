using Microsoft.ML;
using Microsoft.ML.Data;
using SkTuning.ML;

namespace SkTuning.Tests.ML;

/// <summary>Classifiers in ML.NET pipelines.</summary>
public sealed class SkTuningPipelineTests(SkTuningPipelineTests.Models models) : IClassFixture<SkTuningPipelineTests.Models>
{
    private static readonly TextClassifierOptions Options = new() { Method = new ProbeOptions(), Training = new() { MaxSteps = 2, Folds = 0 } };

    private readonly MLContext _context = new(seed: 1);

    [Fact]
    public void A_pipeline_predicts_as_the_classifier_does()
    {
        using var transformer = Trainer().Fit(Data(24));
        var texts = Examples(300).Select(e => e.Text).ToList();
        var expected = transformer.Classifier.Predict(texts);
        var actual = Answers(transformer.Transform(Data(300)));
        Assert.Equal(300, actual.Count);
        for (var i = 0; i < 300; i++)
        {
            Assert.Equal((texts[i], expected[i].Label), (actual[i].Text, actual[i].PredictedLabel));
            Assert.Equal(expected[i].Confidence, actual[i].Confidence, 1e-5);
            Assert.Equal(expected[i].Scores.Values, actual[i].Score.Select(s => (double)s), (a, b) => Math.Abs(a - b) < 1e-5);
            Assert.Equal([i, i + 1], actual[i].Numbers);
        }
        Assert.Equal(["money", "parcel"], actual.Select(a => a.PredictedLabel).Distinct().Order());
    }

    [Fact]
    public void A_cursor_counts_the_rows()
    {
        using var transformer = Trainer().Fit(Data(24));
        var data = transformer.Transform(Data(3));
        using var cursor = data.GetRowCursor([data.Schema["PredictedLabel"]]);
        Assert.Equal(-1, cursor.Position);
        for (var i = 0; i < 3; i++)
        {
            Assert.True(cursor.MoveNext());
            Assert.Equal(i, cursor.Position);
        }
        Assert.False(cursor.MoveNext());
        Assert.False(cursor.MoveNext());
        Assert.Equal(-1, cursor.Position);
    }

    [Fact]
    public void Scores_are_named_by_the_labels()
    {
        using var transformer = Trainer().Fit(Data(24));
        VBuffer<ReadOnlyMemory<char>> names = default;
        transformer.Transform(Data(1)).Schema["Score"].GetSlotNames(ref names);
        Assert.Equal(transformer.Classifier.Labels, names.DenseValues().Select(n => n.ToString()));
    }

    [Fact]
    public void A_label_column_of_keys_trains_the_same_classifier()
    {
        using var fromText = Trainer().Fit(Data(24));
        var pipeline = _context.Transforms.Conversion.MapValueToKey("Label").Append(Trainer());
        using var fromKeys = pipeline.Fit(Data(24));
        Assert.Equal(Answers(fromText.Transform(Data(8))).Select(a => a.Confidence), Answers(fromKeys.Transform(Data(8))).Select(a => a.Confidence));
    }

    [Fact]
    public void A_saved_pipeline_contains_the_adapter_and_predicts_the_same()
    {
        using var folder = new TemporaryFolder();
        var pipeline = _context.Transforms.Text.NormalizeText("Text").Append(Trainer())
            .Append(_context.Transforms.CopyColumns("Answer", "PredictedLabel"), TransformerScope.Scoring);
        using var fitted = pipeline.Fit(Data(24));
        _context.Model.Save(fitted, Data(1).Schema, folder["pipeline.zip"]);
        Assert.InRange(new FileInfo(folder["pipeline.zip"]).Length, 1, 100_000);
        var context = new MLContext();
        using var loaded = (TransformerChain<ITransformer>)context.Model.LoadSkTuning(folder["pipeline.zip"], models.Model, out var schema);
        Assert.Contains(schema, c => c.Name == "Text");
        Assert.Equal(Answers(fitted.Transform(Data(40))).Select(a => a.Confidence), Answers(loaded.Transform(Data(40))).Select(a => a.Confidence));
        Assert.Single(loaded.OfType<SkTuningTransformer>());
        Assert.Equal(2, loaded.GetModelFor(TransformerScope.Training).Count());
        context.Model.Save(loaded, schema, folder["again.zip"]);
        using var again = (TransformerChain<ITransformer>)context.Model.LoadSkTuning(folder["again.zip"], models.Model, out _);
        Assert.Equal(fitted.Count(), again.Count());
    }

    [Fact]
    public void A_pipeline_on_another_model_is_refused()
    {
        using var folder = new TemporaryFolder();
        using var fitted = Trainer().Fit(Data(24));
        _context.Model.Save(fitted, Data(1).Schema, folder["pipeline.zip"]);
        using var other = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu", RandomWeights = 7 });
        Assert.ThrowsAny<SkTuningException>(() => _context.Model.LoadSkTuning(folder["pipeline.zip"], other, out _));
    }

    [Fact]
    public void Loading_without_a_model_says_how_to_load()
    {
        using var folder = new TemporaryFolder();
        using var fitted = Trainer().Fit(Data(24));
        _context.Model.Save(fitted, Data(1).Schema, folder["pipeline.zip"]);
        var exception = Assert.ThrowsAny<Exception>(() => _context.Model.Load(folder["pipeline.zip"], out _));
        Assert.Contains("mlContext.Model.LoadSkTuning", exception.ToString());
    }

    [Fact]
    public void A_prediction_engine_predicts_row_by_row()
    {
        using var fitted = _context.Transforms.CopyColumns("Copy", "Text").Append(Trainer()).Fit(Data(24));
        var expected = Answers(fitted.Transform(Data(6)));
        using var engine = _context.Model.CreatePredictionEngine<Example, Answer>(fitted, new PredictionEngineOptions { OwnsTransformer = false });
        var actual = Examples(6).Select(e => engine.Predict(e)).ToList();
        Assert.Equal(expected.Select(a => a.PredictedLabel), actual.Select(a => a.PredictedLabel));
        for (var i = 0; i < 6; i++) Assert.Equal(expected[i].Confidence, actual[i].Confidence, 1e-5);
    }

    [Fact]
    public void Pairs_are_read_from_two_columns_and_an_adapter_from_its_folder()
    {
        using var folder = new TemporaryFolder();
        using (var trained = Trainer(text2: "Label").Fit(Data(24))) trained.Classifier.Save(folder["pairs"]);
        using var transformer = SkTuningTransformer.Load(folder["pairs"], models.Model, "Text", "Label");
        var expected = transformer.Classifier.PredictPairs([.. Examples(5).Select(e => (e.Text, (string?)e.Label))]);
        Assert.Equal(expected.Select(p => p.Label), Answers(transformer.Transform(Data(5))).Select(a => a.PredictedLabel));
        var missing = Assert.Throws<SkTuningException>(() => SkTuningTransformer.Load(folder["pairs"], models.Model));
        Assert.Contains("text2ColumnName", missing.Message);
    }

    [Theory]
    [InlineData("Label", "Nothing", "no text column 'Nothing'")]
    [InlineData("Nothing", "Text", "no label column 'Nothing'")]
    [InlineData("Label", "Number", "'Number' is Single, expected text")]
    [InlineData("Number", "Text", "'Number' is Single, expected text or a key")]
    public void A_column_that_does_not_fit_is_refused(string label, string text, string message)
    {
        var trainer = _context.MulticlassClassification.Trainers.SkTuning(models.Model, Options, label, text);
        Assert.Contains(message, Assert.Throws<ArgumentOutOfRangeException>(() => trainer.Fit(Data(24))).Message);
        var pipeline = _context.Transforms.CopyColumns("Copy", "Text").Append(trainer);
        var whole = pipeline.Append(_context.Transforms.CopyColumns("A", "Score"));
        Assert.Contains(message, Assert.Throws<ArgumentOutOfRangeException>(() => whole.Fit(Data(24))).Message);
    }

    [Fact]
    public void Nothing_is_predicted_before_rows_are_read()
    {
        using var transformer = Trainer().Fit(Data(24));
        var read = 0;
        var data = _context.Data.LoadFromEnumerable(Examples(1000).Select(e => { read++; return e; }));
        var view = transformer.Transform(data);
        Assert.Equal(0, read);
        Assert.Equal(3, Answers(_context.Data.TakeRows(view, 3)).Count);
        Assert.InRange(read, 3, 40);
    }

    private static IEnumerable<Example> Examples(int count) => Enumerable.Range(0, count).Select(i => new Example
    {
        Text = i % 2 == 0 ? $"my card {(i % 4 == 0 ? "is" : "the")} refused" : $"the box {(i % 3 == 0 ? "is" : "it")} late",
        Label = i % 2 == 0 ? "money" : "parcel",
        Number = i,
        Numbers = [i, i + 1],
    });

    private SkTuningTrainer Trainer(string? text2 = null)
        => _context.MulticlassClassification.Trainers.SkTuning(models.Model, Options, text2ColumnName: text2);

    private IDataView Data(int count) => _context.Data.LoadFromEnumerable(Examples(count));

    private List<Answer> Answers(IDataView view) => [.. _context.Data.CreateEnumerable<Answer>(view, reuseRowObject: false)];

    public sealed class Models : IDisposable
    {
        public FrozenModel Model { get; } = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });

        public void Dispose() => Model.Dispose();
    }

    private sealed class Example
    {
        public string Text { get; set; } = "";

        public string Label { get; set; } = "";

        public float Number { get; set; }

        [VectorType(2)]
        public float[] Numbers { get; set; } = [];
    }

    private sealed class Answer
    {
        public string Text { get; set; } = "";

        public string PredictedLabel { get; set; } = "";

        public float[] Score { get; set; } = [];

        public float Confidence { get; set; }

        public float[] Numbers { get; set; } = [];
    }
}
