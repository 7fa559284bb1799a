using SkTuning.Batches;
using SkTuning.Classifiers.MultiLabel;
using SkTuning.Classifiers.Regression;
using SkTuning.Classifiers.SingleLabel;
using SkTuning.Classifiers.Tokens;
using SkTuning.Training;

namespace SkTuning.Tests.Training;

/// <summary>The limit is a multiple of the larger of the first losses and the loss of knowing nothing, from the first step on.</summary>
public sealed class DivergenceLimitTests
{
    [Fact]
    public void A_run_that_starts_near_a_loss_of_0_does_not_diverge_below_the_loss_of_knowing_nothing()
    {
        using var model = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });
        // The head alone tells the labels apart, and the rate makes the adapter lose a part of that for a while.
        var rows = RowFile.Load(Path.Combine(Fixtures.Case("false-divergence"), "rows.tsv"));
        var losses = new List<double>();
        using var trained = TextClassifier.Train(model, rows, new()
        {
            Prompt = "is it box", Method = new SkPrefixOptions(), Head = new LinearHeadOptions(),
            Training = new() { LearningRate = 0.1, BatchSize = 4, Epochs = 3 },
        }, new SmallTask.Now(p => losses.Add(p.Loss)));
        Assert.Equal(432, trained.Report!.Steps);
        var means = Enumerable.Range(0, losses.Count - TrainingState.Window + 1).Select(i => losses.Skip(i).Take(TrainingState.Window).Average()).ToList();
        Assert.InRange(means.Max(), 4 * means[0], 4 * Math.Log(2));                    // the first losses alone would have stopped it
    }

    [Fact]
    public void Knowing_nothing_is_the_loss_of_scores_that_are_0()
    {
        LabelSet labels = new(["a", "b", "c"]);
        EncodedRow[] rows = [new([1]) { Values = [3] }, new([1]) { Values = [5] }];
        Assert.Equal(Math.Log(3), new SingleLabelObjective(labels).ZeroLoss(rows));
        Assert.Equal(Math.Log(3), new TokenObjective(labels).ZeroLoss(rows));
        Assert.Equal(Math.Log(2), new MultiLabelObjective().ZeroLoss(rows));
        Assert.Equal(1, new RegressionObjective(4, 1).ZeroLoss(rows));
        Assert.Equal((9 + 1) / 4.0 / 2, new RegressionObjective(6, 2).ZeroLoss(rows));
    }

    [Theory]
    [InlineData(0.01, 2.7, false)]      // below 4 times the logarithm of 2
    [InlineData(0.01, 2.8, true)]
    [InlineData(1, 3.9, false)]         // below 4 times the first losses
    [InlineData(1, 4.1, true)]
    public void The_limit_is_4_times_the_larger_of_two_losses(double first, double last, bool isDiverging)
    {
        var state = new TrainingState { ZeroLoss = Math.Log(2) };
        for (var i = 0; i < TrainingState.Window; i++) state.Note(first, Math.Log(2));
        for (var i = 0; i < TrainingState.Window; i++) state.Note(last, Math.Log(2));
        Assert.Equal(isDiverging, state.IsDiverging(4));
        Assert.False(state.IsDiverging(0));
    }

    [Fact]
    public void An_outlier_among_the_numbers_of_a_few_steps_is_not_a_divergence()
    {
        var state = new TrainingState { ZeroLoss = 1 };
        for (var i = 0; i < TrainingState.Window; i++) state.Note(0.1, 0.1);
        state.Note(160, 160);
        Assert.False(state.IsDiverging(4));
        state.Note(900, 0.1);
        Assert.True(state.IsDiverging(4));
    }
}
