using SkTuning.Diagnostics;

namespace SkTuning.Tests.Training;

/// <summary>Reports and explanations in one line.</summary>
public sealed class ReportTextTests
{
    private static readonly TrainingReport Report = new()
    {
        Epochs = [], Best = new(2, 0.5, 0.4, 0.75, true), Steps = 20, Seconds = 1.25, TrainRows = 32, DevRows = 8, HeldOut = [], TruncatedRows = 0,
        WasCanceled = false, Metric = "accuracy",
    };

    [Fact]
    public void A_training_report_says_what_was_done_and_how_good_it_is()
    {
        Assert.Equal("32 training rows, 8 dev rows, 20 steps, 1.2 s; accuracy 0.7500", $"{Report}");
        Assert.Equal("32 training rows, 8 dev rows, 20 steps, 1.2 s, canceled", $"{Report with { Best = null, WasCanceled = true }}");
        var verdict = new TrainingVerdict { Rows = 8, Folds = 0, Metric = "accuracy", HeadScore = 0.5, KeepsAdapter = false };
        Assert.Equal($"32 training rows, 8 dev rows, 20 steps, 1.2 s; accuracy 0.5000. {verdict.Summary}", $"{Report with { Verdict = verdict }}");
    }

    [Fact]
    public void An_explanation_ranks_its_words()
        => Assert.Equal("refund\t0.9000\tmoney +1.20 a 0.00 parcel -0.50", $"{new Explanation("refund", 0.9,
            [new("parcel", default, -0.5), new("a", default, 0), new("money", default, 1.2)])}");

    [Fact]
    public void A_check_of_labels_counts_what_it_found()
        => Assert.Equal("90 rows, 2 labels, accuracy 0.8500 in 5 parts: 0 suspicious labels, 0 conflicts, 0 pairs of confused labels", $"{new LabelCheck
        {
            Labels = ["a", "b"], Rows = 90, Folds = 5, Accuracy = 0.85, Issues = [], Conflicts = [], Confused = [], Needs = [],
        }}");
}
