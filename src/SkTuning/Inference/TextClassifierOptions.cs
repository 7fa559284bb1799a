using SkTuning.Data;
using SkTuning.Heads;

namespace SkTuning.Inference;

/// <summary>What a classifier is trained to do, and how.</summary>
public sealed record TextClassifierOptions : AdapterOptions
{
    /// <summary>Rows that choose the best epoch; null: a stratified part of the training rows is held out.</summary>
    public IReadOnlyList<Row>? Dev { get; init; }

    /// <summary>What makes scores of the states. Default: <see cref="HeadKind.Linear"/>.</summary>
    public HeadKind Head { get; init; } = HeadKind.Linear;

    /// <summary>A word, or a few, for each label, for the heads that score words; null: the labels themselves.</summary>
    public IReadOnlyDictionary<string, string>? LabelWords { get; init; }
}
