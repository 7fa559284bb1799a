using SkTuning.Metrics;

namespace SkTuning.Tests.Metrics;

/// <summary>The formulas of picking rows and checking labels, computed by hand.</summary>
public sealed class LabelMetricTests
{
    [Fact]
    public void Uncertainty_of_five_rows_is_that_computed_by_hand()
    {
        double[][] rows = [[1, 0, 0], [0.5, 0.5, 0], [0.2, 0.5, 0.3], [1 / 3.0, 1 / 3.0, 1 / 3.0], [0.1, 0.1, 0.8]];
        double[] margins = [0, 1, 0.8, 1, 0.3];
        // -(0.2 ln 0.2 + 0.5 ln 0.5 + 0.3 ln 0.3) / ln 3 = 1.029653 / 1.098612, and so on.
        double[] entropies = [0, 0.630930, 0.937231, 1, 0.581671];
        for (var i = 0; i < rows.Length; i++)
        {
            Assert.Equal(margins[i], Uncertainty.Margin(rows[i]), 1e-9);
            Assert.Equal(entropies[i], Uncertainty.Entropy(rows[i]), 1e-6);
        }
    }

    [Fact]
    public void A_row_confidently_has_a_label_whose_probability_reaches_what_is_usual_for_its_rows()
    {
        double[][] rows = [[0.9, 0.1], [0.7, 0.3], [0.2, 0.8], [0.4, 0.6], [0.85, 0.15]];
        int[] labels = [0, 0, 1, 1, 1];
        var thresholds = ConfidentLearning.Thresholds(labels, rows);
        Assert.Equal(0.8, thresholds[0], 1e-12);                              // (0.9 + 0.7) / 2
        Assert.Equal((0.8 + 0.6 + 0.15) / 3, thresholds[1], 1e-12);
        Assert.Equal([0, -1, 1, 1, 0], rows.Select(r => ConfidentLearning.ConfidentLabel(r, thresholds)));
        // The last row has the label 1 with 0.15, a third of whose threshold is 0.172; with 0.18, it is not suspected.
        Assert.Equal([-1, -1, -1, -1, 0], rows.Zip(labels, (r, l) => ConfidentLearning.Suggested(r, l, thresholds)));
        Assert.Equal(-1, ConfidentLearning.Suggested([0.82, 0.18], 1, thresholds));
    }

    [Fact]
    public void A_label_without_rows_is_never_suggested()
    {
        var thresholds = ConfidentLearning.Thresholds([0, 0], [[0.1, 0.9], [0.2, 0.8]]);
        Assert.Equal(0, ConfidentLearning.ConfidentLabel([0.2, 0.8], thresholds));
    }
}
