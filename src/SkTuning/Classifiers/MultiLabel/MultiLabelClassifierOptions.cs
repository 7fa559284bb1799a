namespace SkTuning;

/// <summary>The options of a <see cref="MultiLabelClassifier"/>.</summary>
public sealed record MultiLabelClassifierOptions : AdapterOptions<Row>
{
    /// <summary>
    /// Whether to choose each label's threshold where its F1 on the dev rows is highest. The default is <see langword="true"/>;
    /// otherwise all thresholds are 0.5.
    /// </summary>
    public bool TuneThresholds { get; init; } = true;
}
