using SkTuning.Answers;

namespace SkTuning.Tool.Commands;

/// <summary>Evaluates exported adapters.</summary>
internal static class ExportEvaluation
{
    /// <summary>Measures an exported adapter for texts on labeled rows.</summary>
    public static IEvaluationReport OfRows(OnnxAdapter adapter, IReadOnlyList<Row> rows, string? outOfScopeLabel, CancellationToken cancellationToken)
    {
        if (rows.Count == 0) throw new SkTuningException("There are no rows to evaluate.");
        if (outOfScopeLabel is not null && adapter is not OnnxClassifier { Decision.Rejection: not null })
            throw new SkTuningException("Option '--out-of-scope-label' requires an adapter that was trained with '--reject'.");
        return adapter switch
        {
            OnnxClassifier a => RowEvaluation.SingleLabel(a.Labels, outOfScopeLabel is null ? a.Decision
                : a.Decision with { Rejection = a.Decision.Rejection! with { OutOfScopeLabel = outOfScopeLabel } }, rows, all => Predict(a, all)),
            OnnxMultiLabelClassifier a => RowEvaluation.MultiLabel(a.Labels, rows, Predict(a, rows)),
            OnnxOrdinalClassifier a => RowEvaluation.Ordinal(a.Labels, rows, Predict(a, rows)),
            OnnxRegressor a => RowEvaluation.Regression(rows, Predict(a, rows)),
            _ => throw new InvalidOperationException($"The tool cannot read rows for the task {adapter.Task}."),
        };

        IReadOnlyList<T> Predict<T>(OnnxAdapter<Row, T> of, IReadOnlyList<Row> all) where T : TaskPrediction => Readable(of.Predict(all, cancellationToken));
    }

    /// <summary>Measures an exported adapter for tagged words.</summary>
    public static IEvaluationReport OfWords(OnnxTokenClassifier adapter, IReadOnlyList<TokenRow> rows, CancellationToken cancellationToken)
        => rows.Count == 0 ? throw new SkTuningException("There are no rows to evaluate.")
            : RowEvaluation.Tokens(adapter.Labels, rows, all => Readable(adapter.Predict(all, cancellationToken)));

    private static IReadOnlyList<T> Readable<T>(IReadOnlyList<T> predictions) where T : TaskPrediction
    {
        foreach (var (i, prediction) in predictions.Index())
            if (prediction.Error is { } error) throw new SkTuningException($"Row {i + 1}: {error}");
        return predictions;
    }
}
