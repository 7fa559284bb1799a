namespace SkTuning;

/// <summary>What a <see cref="MultiLabelClassifier"/> is trained to do, and how.</summary>
public sealed record MultiLabelOptions : AdapterOptions
{
    /// <summary>Rows that choose the best epoch and the thresholds; null: a part of the training rows is held out.</summary>
    public IReadOnlyList<Row>? Dev { get; init; }

    /// <summary>Choose each label's threshold on dev, where its F1 is highest; false: 0.5 for all. Default: true.</summary>
    public bool TuneThresholds { get; init; } = true;
}
