using SkTuning.Answers;
using SkTuning.OnnxRuntime;

namespace SkTuning;

/// <summary>The base class of exported adapters for texts and pairs of texts.</summary>
/// <typeparam name="TPrediction">The predictions of the task.</typeparam>
public abstract class OnnxTextAdapter<TPrediction> : OnnxAdapter<Row, TPrediction> where TPrediction : TaskPrediction
{
    private protected OnnxTextAdapter(LoadedExport export, TaskAnswers<Row, TPrediction> answers) : base(export, answers) { }

    internal sealed override IReadOnlyList<TaskPrediction> PredictRows(IReadOnlyList<Row> rows, CancellationToken cancellationToken)
        => Predict(rows, cancellationToken);

    /// <summary>Predicts a pair of texts, for an adapter that was trained on pairs.</summary>
    /// <param name="text">The first text.</param>
    /// <param name="text2">The second text.</param>
    /// <exception cref="SkTuningException">The pair cannot be read; for example, the adapter reads single texts.</exception>
    public TPrediction PredictPair(string text, string text2)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(text2);
        return Single(Predict([new Row(text, "") { Text2 = text2 }]));
    }
}
