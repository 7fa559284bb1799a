namespace SkTuning.Tests.Classifiers;

/// <summary>Classifiers from the texts of their labels alone.</summary>
public sealed class ZeroRowsTests : IDisposable
{
    private readonly FrozenModel _model = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });

    private readonly TextClassifierOptions _options = new()
    {
        LabelDescriptions = new Dictionary<string, IReadOnlyList<string>> { ["money"] = ["my card", "the money"], ["box"] = ["my parcel", "the box"] },
    };

    private readonly Row[] _rows = [.. Enumerable.Range(0, 24).Select(i => i % 2 == 0 ? new Row($"my card {(i % 4 == 0 ? "is" : "the")} money", "box")
        : new Row($"the box {(i % 3 == 0 ? "is" : "it")} my parcel", "money"))];

    [Theory]
    [InlineData("semantic")]
    [InlineData("label-texts")]
    public void A_text_of_a_label_has_that_label_before_any_row_was_seen(string head)
    {
        using var classifier = TextClassifier.FromDescriptions(_model, _options with { Head = HeadOptions.Create(head) });
        Assert.Equal(["box", "money"], classifier.Labels);
        Assert.Equal(["money", "money", "box", "box"], classifier.Predict(["my card", "the money", "my parcel", "the box"]).Select(p => p.Label));
        Assert.Equal((0, 0, "probe"), (classifier.Report!.TrainRows, classifier.Report.Steps, classifier.Method));
        using var folder = new TemporaryFolder();
        classifier.Save(folder["a"]);
        using var again = TextClassifier.Load(folder["a"], _model);
        Assert.Equal(classifier.Predict("the card").Scores, again.Predict("the card").Scores);
    }

    [Fact]
    public void Dev_rows_measure_it_and_decide_the_temperature_and_the_sets()
    {
        using var blind = TextClassifier.FromDescriptions(_model, _options);
        using var measured = TextClassifier.FromDescriptions(_model, _options with { Dev = _rows, Coverage = 0.9 });
        Assert.Equal(blind.Evaluate(_rows).Accuracy, measured.Report!.DevScore, 1e-9);
        Assert.True(double.IsNaN(blind.Report!.DevScore));
        Assert.NotEqual(blind.Decision.Temperature, measured.Decision.Temperature);
        Assert.Equal((24, 0.9), (measured.Decision.Sets!.Rows, measured.Decision.Sets.Coverage));
    }

    [Fact]
    public void Rows_move_it_as_they_move_a_head_that_starts_from_the_same_texts()
    {
        using var folder = new TemporaryFolder();
        using (var blind = TextClassifier.FromDescriptions(_model, _options))
        {
            blind.Save(folder["a"]);
            // The rows have the labels the other way round.
            Assert.Equal(0, blind.Evaluate(_rows).Accuracy);
        }
        using var moved = TextClassifier.Train(_model, _rows, new() { StartFrom = folder["a"] });
        using var scratch = TextClassifier.Train(_model, _rows, _options with { Method = new ProbeOptions() });
        Assert.Equal(1, moved.Evaluate(_rows).Accuracy);
        Assert.Equal((24, 0), (moved.Report!.TrainRows, moved.Report.DevRows));
        Assert.Equal(scratch.Predict("the card").Scores, moved.Predict("the card").Scores);
        Assert.Equal(scratch.Report!.Verdict!.HeadScore, moved.Report.Verdict!.HeadScore);
    }

    [Fact]
    public void What_needs_rows_is_refused_without_them()
    {
        Failed("found none", _options with { LabelDescriptions = null });
        Failed("found 1 label", _options with { LabelDescriptions = new Dictionary<string, IReadOnlyList<string>> { ["a"] = ["b"] } });
        Failed("lora needs training rows", _options with { Method = new LoraOptions() });
        Failed("head linear needs training rows", _options with { Head = new LinearHeadOptions() });
        Failed("--start-from", _options with { StartFrom = "somewhere" });
        Failed("--run", _options with { Training = new() { RunFolder = "somewhere" } });
        Failed("needs 9 or more dev rows, found 0", _options with { Coverage = 0.9 });
        var empty = new Dictionary<string, IReadOnlyList<string>> { ["a"] = ["b"], ["box"] = [""] };
        Failed("empty description of 'box'", _options with { LabelDescriptions = empty });
        Failed("'other' is unknown", _options with { Dev = [new("a", "other")] });

        void Failed(string named, TextClassifierOptions options)
            => Assert.Contains(named, Assert.ThrowsAny<SkTuningException>(() => TextClassifier.FromDescriptions(_model, options)).Message);
    }

    public void Dispose() => _model.Dispose();
}
