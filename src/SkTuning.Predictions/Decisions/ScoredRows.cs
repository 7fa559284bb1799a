using SkTuning.Metrics;

namespace SkTuning.Decisions;

/// <summary>The scores of the labels and the features of rows, as one model computes them.</summary>
/// <param name="Scores">The scores, [N,C].</param>
/// <param name="Features">The features, [N,D]; null if the head has none that can be compared.</param>
/// <param name="Classes">The class of each row; empty for rows out of scope.</param>
internal sealed record ScoredRows(FeatureRows Scores, FeatureRows? Features, int[] Classes)
{
    /// <summary>N. Rows that a scorer is fitted to may lack scores, and rows out of scope have no class.</summary>
    public int Count => Classes.Length > 0 ? Classes.Length : Scores.Count;

    /// <summary>Whether the label with the highest score is that of the row.</summary>
    public bool IsRight(int row) => Best(Scores[row]) == Classes[row];

    public ScoredRows Of(IReadOnlyList<int> rows) => new(Scores.Of(rows), Features?.Of(rows), Classes.Length == 0 ? [] : [.. rows.Select(r => Classes[r])]);

    private static int Best(ReadOnlySpan<float> scores)
    {
        var best = 0;
        for (var c = 1; c < scores.Length; c++) if (scores[c] > scores[best]) best = c;
        return best;
    }
}

/// <summary>Rows that a scorer is measured on, and those that it is fitted to.</summary>
/// <param name="Reference">Rows that the model was trained on.</param>
/// <param name="InScope">Other rows of the same labels.</param>
/// <param name="OutOfScope">Rows of none of these labels; null if there are none.</param>
internal sealed record RejectionPart(ScoredRows Reference, ScoredRows InScope, ScoredRows? OutOfScope);
