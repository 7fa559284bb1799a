using SkTuning.Classifiers.SingleLabel;

namespace SkTuning;

/// <summary>Classifiers without training rows.</summary>
public sealed partial class TextClassifier
{
    /// <summary>
    /// Creates a classifier from the texts of its labels alone (<see cref="AdapterOptions.LabelDescriptions"/>): nothing is trained. Where there are
    /// <see cref="AdapterOptions{TRow}.Dev"/> rows, they measure it and decide the temperature and the sets of labels. Training on rows can continue from it
    /// (<see cref="AdapterOptions.StartFrom"/>).
    /// </summary>
    /// <param name="model">The frozen base, which must outlive the classifier.</param>
    /// <param name="options">The options, with texts for two or more labels.</param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    /// <exception cref="SkTuningException">An option or a row cannot be used; the message names it.</exception>
    public static TextClassifier FromDescriptions(FrozenModel model, TextClassifierOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        using var call = model.Calls.Begin();
        return ZeroRows.Create(model, options, cancellationToken);
    }
}
