using SkTuning.Data;
using SkTuning.Heads;

namespace SkTuning.Inference;

/// <summary>What a classifier is trained to do, and how.</summary>
public sealed record TextClassifierOptions : AdapterOptions
{
    /// <summary>Rows that choose the best epoch; null: a stratified part of the training rows is held out.</summary>
    public IReadOnlyList<Row>? Dev { get; init; }

    /// <summary>
    /// The folder of an adapter to go on from, on other rows or with new labels; it must be of the same base. Its method, prompt, template, head, pooling and most tokens are taken over: these options may say the same
    /// or nothing. Its labels keep their places; new ones stand behind them, with a start of their own, and those that the rows lack stay. What was trained is the start, bit for bit, and a candidate for the
    /// best; <see cref="Training.TrainingOptions.HeadFirst"/> is passed over but for methods that train the head alone. Null: training starts anew. Default: null.
    /// </summary>
    public string? StartFrom { get; init; }

    /// <summary>What makes scores of the states. Default: <see cref="HeadKind.Linear"/>.</summary>
    public HeadKind Head { get; init; } = HeadKind.Linear;

    /// <summary>A word, or a few, for each label, for the heads that score words; null: the labels themselves.</summary>
    public IReadOnlyDictionary<string, string>? LabelWords { get; init; }
}
