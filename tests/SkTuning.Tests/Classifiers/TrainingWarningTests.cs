namespace SkTuning.Tests.Classifiers;

/// <summary>Rows that training accepts, but that are often mistakes, are named in its report.</summary>
public sealed class TrainingWarningTests
{
    private static List<Row> Labeled(params string[] labels) => [.. Enumerable.Range(0, 20).Select(i => new Row($"row {i}", labels[i % labels.Length]))];

    private static TextClassifierOptions Options(IReadOnlyList<Row>? dev = null)
        => new() { Prompt = "Which?", Dev = dev ?? [], Method = new SkPrefixOptions(), Training = new() { Epochs = 1 } };

    [Fact]
    public void Labels_that_look_the_same_and_dev_rows_from_training_are_named()
    {
        using var model = FrozenModel.Load(Fixtures.MicroModel);
        using (var trained = TextClassifier.Train(model, Labeled("Box", "box", "other"), Options([new("ROW 3!", "other"), new("new", "box")])))
            Assert.Equal(
                [
                    "the labels 'Box' = 'box' differ only in case, white space, or Unicode form: they are learned as different labels.",
                    "1 of 2 dev rows also occurs among the training rows: the dev score is too high for new texts.",
                    "there are only 2 dev rows: a score on them is uncertain (an accuracy by up to ±69 points).",
                ], trained.Report!.Warnings);
        using (var trained = TextClassifier.Train(model, Labeled("box", "other"), Options())) Assert.Empty(trained.Report!.Warnings);
    }

    [Fact]
    public void Labels_with_one_training_row_are_named()
    {
        using var model = FrozenModel.Load(Fixtures.MicroModel);
        List<Row> rows = [.. Labeled("box", "other"), new("alone", "rare")];
        using (var trained = TextClassifier.Train(model, rows, Options()))
            Assert.Equal(["the label 'rare' has only one training row."], trained.Report!.Warnings);
        rows.AddRange(Enumerable.Range(0, 6).Select(i => new Row($"alone {i}", $"s{i}")));
        using (var trained = TextClassifier.Train(model, rows, Options()))
            Assert.Equal(["7 labels have only one training row each: 'rare', 's0', 's1', 's2', 's3' and others."], trained.Report!.Warnings);
    }

    [Fact]
    public void Repeated_texts_are_held_out_together_for_every_task()
    {
        using var model = FrozenModel.Load(Fixtures.MicroModel);
        List<Row> rows = [.. Enumerable.Range(0, 40).Select(i => new Row($"row {i % 10}", $"{i % 10 % 2}"))];
        using var single = TextClassifier.Train(model, rows, Options() with { Training = new() { Epochs = 1, DevFraction = 0.1 } });
        using var number = TextRegressor.Train(model, rows, new() { Prompt = "p", Training = new() { Epochs = 1, DevFraction = 0.1 } });
        using var tagged = TokenClassifier.Train(model, [.. rows.Select(r => new TokenRow(r.Text.Split(' '), ["O", $"B-{r.Label}"]))],
            new() { Prompt = "p", Training = new() { Epochs = 1 } });
        foreach (var report in (TrainingReport[])[single.Report!, number.Report!, tagged.Report!])
        {
            Assert.Equal(4, report.HeldOut.Count);
            Assert.Single(report.HeldOut.Select(i => i % 10).Distinct());
            Assert.Equal(["there are only 4 dev rows: a score on them is uncertain (an accuracy by up to ±49 points)."], report.Warnings);
        }
    }
}
