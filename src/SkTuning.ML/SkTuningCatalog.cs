using Microsoft.ML;

namespace SkTuning.ML;

/// <summary>Adds SkTuning to the catalogs of an <see cref="MLContext"/>.</summary>
public static class SkTuningCatalog
{
    /// <summary>Creates a trainer of a <see cref="TextClassifier"/>.</summary>
    /// <param name="catalog">The trainers of <see cref="MLContext.MulticlassClassification"/>.</param>
    /// <param name="model">The frozen base, which must outlive the fitted pipeline.</param>
    /// <param name="options">How to train.</param>
    /// <param name="labelColumnName">The column with the label: text, or a key with text values.</param>
    /// <param name="textColumnName">The column with the text.</param>
    /// <param name="text2ColumnName">The column with the second text, to train on pairs.</param>
    /// <param name="progress">Receives progress after every step, on the training thread.</param>
    /// <param name="cancellationToken">
    /// Cancels the training after the current step with <see cref="TrainingCanceledException{TAdapter}"/>.
    /// </param>
    public static SkTuningTrainer SkTuning(this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, FrozenModel model,
        TextClassifierOptions options, string labelColumnName = "Label", string textColumnName = "Text", string? text2ColumnName = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(labelColumnName);
        ArgumentException.ThrowIfNullOrEmpty(textColumnName);
        return new(model, options, labelColumnName, new(textColumnName, text2ColumnName), progress, cancellationToken);
    }

    /// <summary>Loads a pipeline with <see cref="SkTuningTransformer"/> parts, which <c>Save</c> of the same catalog has saved.</summary>
    /// <param name="catalog">The catalog <see cref="MLContext.Model"/>.</param>
    /// <param name="filePath">The file.</param>
    /// <param name="model">The base that the adapters were trained on, which must outlive the pipeline.</param>
    /// <param name="inputSchema">The schema of the pipeline's input.</param>
    /// <exception cref="SkTuningException">The model is not the one that an adapter was trained on, or an adapter is damaged.</exception>
    public static ITransformer LoadSkTuning(this ModelOperationsCatalog catalog, string filePath, FrozenModel model, out DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(filePath);
        using var stream = File.OpenRead(filePath);
        return catalog.LoadSkTuning(stream, model, out inputSchema);
    }

    /// <summary>Loads a pipeline with <see cref="SkTuningTransformer"/> parts, which <c>Save</c> of the same catalog has saved.</summary>
    /// <inheritdoc cref="LoadSkTuning(ModelOperationsCatalog, string, FrozenModel, out DataViewSchema)"/>
    /// <param name="catalog">The catalog <see cref="MLContext.Model"/>.</param>
    /// <param name="stream">The file's contents, which must be seekable.</param>
    /// <param name="model">The base that the adapters were trained on, which must outlive the pipeline.</param>
    /// <param name="inputSchema">The schema of the pipeline's input.</param>
    public static ITransformer LoadSkTuning(this ModelOperationsCatalog catalog, Stream stream, FrozenModel model, out DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(model);
        using var loading = StoredTransformer.Loading();
        return StoredTransformer.Restore(catalog.Load(stream, out inputSchema), model, (classifier, c) => new SkTuningTransformer(classifier, c.Text, c.Text2));
    }
}
