namespace SkTuning;

/// <summary>The options of a <see cref="TextClassifier"/>. If no dev rows are given, a stratified part of the training rows is held out.</summary>
public sealed record TextClassifierOptions : AdapterOptions<Row>
{
    /// <summary>
    /// How the classifier learns to reject texts that belong to none of its labels. The default is <see langword="null"/>: every text gets a label.
    /// </summary>
    public RejectionOptions? Rejection { get; init; }
}
