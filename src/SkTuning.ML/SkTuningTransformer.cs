using Microsoft.ML;
using Microsoft.ML.Data;

namespace SkTuning.ML;

/// <summary>
/// Adds the predictions of a <see cref="TextClassifier"/> to data: the columns <c>PredictedLabel</c> (text), <c>Score</c> (the probability of each label, whose
/// slots are named by the labels) and <c>Confidence</c>. A row that cannot be read has an empty label and NaN.
/// </summary>
/// <remarks>
/// The transformer is saved with its pipeline by <c>mlContext.Model.Save</c>, and loaded by <see cref="SkTuningCatalog.LoadSkTuning(ModelOperationsCatalog,
/// string, FrozenModel, out DataViewSchema)"/>. The file contains the adapter, not the frozen model.
/// </remarks>
public sealed class SkTuningTransformer : ITransformer, IDisposable
{
    private readonly RowPredictor _predictor;

    /// <summary>Initializes a transformer that uses a classifier, and disposes it.</summary>
    /// <param name="classifier">The classifier.</param>
    /// <param name="textColumnName">The column with the text.</param>
    /// <param name="text2ColumnName">The column with the second text, for a classifier that was trained on pairs.</param>
    /// <exception cref="SkTuningException">The classifier reads pairs but a second column is missing, or the reverse.</exception>
    public SkTuningTransformer(TextClassifier classifier, string textColumnName = "Text", string? text2ColumnName = null)
    {
        ArgumentNullException.ThrowIfNull(classifier);
        ArgumentException.ThrowIfNullOrEmpty(textColumnName);
        if (classifier.ReadsPairs != text2ColumnName is not null)
            throw new SkTuningException(classifier.ReadsPairs
                ? "The classifier was trained on pairs, but text2ColumnName is missing: specify the column with the second text."
                : $"The classifier was trained on single texts, but text2ColumnName is '{text2ColumnName}': remove it.");
        Classifier = classifier;
        _predictor = new(classifier, new(textColumnName, text2ColumnName));
    }

    /// <summary>Gets the classifier.</summary>
    public TextClassifier Classifier { get; }

    bool ITransformer.IsRowToRowMapper => true;

    /// <summary>Loads an adapter from its folder.</summary>
    /// <param name="folder">The adapter's folder.</param>
    /// <param name="model">The base that it was trained on, which must outlive the transformer.</param>
    /// <param name="textColumnName">The column with the text.</param>
    /// <param name="text2ColumnName">The column with the second text, for a classifier that was trained on pairs.</param>
    /// <exception cref="SkTuningException">The adapter cannot be loaded; the message says why.</exception>
    public static SkTuningTransformer Load(string folder, FrozenModel model, string textColumnName = "Text", string? text2ColumnName = null)
    {
        var classifier = TextClassifier.Load(folder, model);
        try
        {
            return new(classifier, textColumnName, text2ColumnName);
        }
        catch
        {
            classifier.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A text column is missing, or is not text.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        _predictor.Columns.Find(inputSchema);
        return OutputColumns.AddTo(inputSchema, _predictor.Labels);
    }

    /// <summary>Returns a view with the predictions. Rows are predicted in batches, when they are read.</summary>
    /// <param name="input">The data.</param>
    /// <exception cref="ArgumentOutOfRangeException">A text column is missing, or is not text.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new PredictionView(input, GetOutputSchema(input.Schema), _predictor);
    }

    /// <summary>Disposes the classifier.</summary>
    public void Dispose() => Classifier.Dispose();

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => new PredictionMapper(inputSchema, GetOutputSchema(inputSchema), _predictor);

    void ICanSaveModel.Save(ModelSaveContext ctx) => StoredTransformer.Of(Classifier, _predictor.Columns).Save(ctx);
}
