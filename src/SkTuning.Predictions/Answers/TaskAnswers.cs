using SkTuning.Batches;
using SkTuning.Decisions;
using SkTuning.Prompts;

namespace SkTuning.Answers;

/// <summary>
/// What a task makes of scores: its predictions, whoever computes the scores. A text or a row that cannot be read has a prediction with an error and does not
/// affect the others.
/// </summary>
/// <typeparam name="TRow">The rows of the task.</typeparam>
/// <typeparam name="TPrediction">Its predictions.</typeparam>
internal abstract class TaskAnswers<TRow, TPrediction> where TPrediction : TaskPrediction
{
    /// <summary>The error of a row whose scores are not finite.</summary>
    public required string NotFinite { get; init; }

    /// <summary>True if predictions need the features of rows beside their scores.</summary>
    public virtual bool ReadsFeatures => false;

    /// <summary>Makes the row of a text.</summary>
    public abstract TRow RowOf(string text);

    /// <summary>Encodes a row.</summary>
    /// <exception cref="SkTuningException">It cannot be read.</exception>
    public abstract EncodedRow Encode(TextEncoder encoder, TRow row);

    /// <summary>Makes the prediction for a text that could not be read.</summary>
    public abstract TPrediction Failed(string error);

    /// <summary>Makes the predictions of rows with finite scores.</summary>
    /// <param name="scores">One row of scores for each answer of the rows; null if no row has an answer.</param>
    /// <param name="rows">The rows, with their encoding.</param>
    private protected abstract IEnumerable<TPrediction> Answer(ScoredRows? scores, IReadOnlyList<(TRow Row, EncodedRow Encoded)> rows);

    /// <summary>Predicts rows, in their order.</summary>
    /// <param name="inputs">What the rows are made of.</param>
    /// <param name="rowOf">Makes the row of an input.</param>
    /// <param name="encoder">Encodes rows.</param>
    /// <param name="score">Computes the scores of one or more encoded rows, each of which has one or more answers.</param>
    public TPrediction[] Predict<T>(IReadOnlyList<T> inputs, Func<T, TRow> rowOf, TextEncoder encoder, Func<IReadOnlyList<EncodedRow>, ScoredRows> score)
    {
        var predictions = new TPrediction[inputs.Count];
        var (rows, indices) = (new List<(TRow Row, EncodedRow Encoded)>(inputs.Count), new List<int>(inputs.Count));
        for (var i = 0; i < inputs.Count; i++)
        {
            try
            {
                var row = rowOf(inputs[i]);
                rows.Add((row, Encode(encoder, row)));
                indices.Add(i);
            }
            catch (SkTuningException e) { predictions[i] = Failed(e.Message); }
        }
        if (rows.Count == 0) return predictions;
        EncodedRow[] answering = [.. rows.Select(r => r.Encoded).Where(r => r.Answers > 0)];
        Fill(predictions, answering.Length == 0 ? null : score(answering), rows, indices);
        return predictions;
    }

    /// <summary>Returns the predictions of encoded rows.</summary>
    /// <param name="scores">One row of scores for each answer of the rows; null if no row has an answer.</param>
    /// <param name="rows">The rows, with their encoding.</param>
    public TPrediction[] Of(ScoredRows? scores, IReadOnlyList<(TRow Row, EncodedRow Encoded)> rows)
    {
        var predictions = new TPrediction[rows.Count];
        Fill(predictions, scores, [.. rows], [.. Enumerable.Range(0, rows.Count)]);
        return predictions;
    }

    /// <summary>Fills in the predictions of rows; those whose scores are not finite report it.</summary>
    private void Fill(TPrediction[] predictions, ScoredRows? scores, List<(TRow Row, EncodedRow Encoded)> rows, List<int> indices)
    {
        if (scores is not null && !IsFinite(scores, 0, scores.Scores.Count)) scores = KeepFinite(scores, rows, indices, predictions);
        foreach (var (index, answer) in indices.Zip(Answer(scores, rows))) predictions[index] = answer;
    }

    /// <summary>Removes the rows with a score that is not finite, whose predictions report it, and returns the scores of the other rows.</summary>
    private ScoredRows? KeepFinite(ScoredRows scores, List<(TRow Row, EncodedRow Encoded)> rows, List<int> indices, TPrediction[] predictions)
    {
        var (kept, at, left) = (new List<int>(), 0, 0);
        for (var r = 0; r < rows.Count; r++)
        {
            var (row, first) = (rows[r], at);
            at += row.Encoded.Answers;
            if (!IsFinite(scores, first, row.Encoded.Answers))
            {
                predictions[indices[r]] = Failed(NotFinite);
                continue;
            }
            for (var answer = first; answer < at; answer++) kept.Add(answer);
            (rows[left], indices[left]) = (row, indices[r]);
            left++;
        }
        rows.RemoveRange(left, rows.Count - left);
        indices.RemoveRange(left, indices.Count - left);
        return kept.Count == 0 ? null : scores.Of(kept);
    }

    private static bool IsFinite(ScoredRows rows, int first, int count)
        => All(rows.Scores, first, count) && (rows.Features is not { } features || All(features, first, count));

    private static bool All(Metrics.FeatureRows rows, int first, int count)
        => FiniteNumbers.All(rows.Values.AsSpan(first * rows.Width, count * rows.Width));
}
