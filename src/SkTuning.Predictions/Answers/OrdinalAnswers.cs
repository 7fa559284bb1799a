using SkTuning.Batches;
using SkTuning.Classifiers;
using SkTuning.Decisions;
using SkTuning.Metrics;

namespace SkTuning.Answers;

/// <summary>One of several ordered levels for each text: the median level.</summary>
/// <param name="labels">The levels, lowest first.</param>
/// <param name="temperature">The number that the cumulative logits are divided by.</param>
/// <param name="readsPairs">Rows are pairs of texts.</param>
internal sealed class OrdinalAnswers(LabelSet labels, double temperature, bool readsPairs) : TextAnswers<OrdinalClassifierPrediction>(readsPairs)
{
    public override OrdinalClassifierPrediction Failed(string error)
        => new() { Label = "", Confidence = 0, ExpectedLevel = double.NaN, Scores = new Dictionary<string, double>(), Error = error };

    private protected override IEnumerable<OrdinalClassifierPrediction> Answer(ScoredRows? scores, IReadOnlyList<(Row Row, EncodedRow Encoded)> rows)
        => scores is null ? [] : rows.Select((row, r) => Answer(scores.Scores[r], row.Encoded.WasTruncated));

    private OrdinalClassifierPrediction Answer(ReadOnlySpan<float> row, bool wasTruncated)
    {
        var scores = new double[row.Length];
        for (var c = 0; c < row.Length; c++) scores[c] = row[c];
        var probabilities = LevelDistribution.AtTemperature(scores, temperature);
        if (!probabilities.All(double.IsFinite)) return Failed(NotFinite);
        var level = LevelDistribution.Median(probabilities);
        return new()
        {
            Label = labels[level],
            Confidence = probabilities[level],
            ExpectedLevel = 1 + LevelDistribution.Mean(probabilities),
            Scores = new LabelScores(labels, probabilities),
            WasTruncated = wasTruncated,
        };
    }
}
