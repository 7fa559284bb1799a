using SkTuning.Heads;

namespace SkTuning;

/// <summary>What a classifier is trained to do, and how.</summary>
public sealed record TextClassifierOptions : AdapterOptions
{
    /// <summary>Rows that choose the best epoch; null: a stratified part of the training rows is held out.</summary>
    public IReadOnlyList<Row>? Dev { get; init; }

    /// <summary>
    /// The folder of an adapter to go on from, on other rows or with new labels; it must be of the same base. Its method, prompt, template, head, pooling and most tokens are taken over: these options may say the same
    /// or nothing. Its labels keep their places; new ones stand behind them, with a start of their own, and those that the rows lack stay. What was trained is the start, bit for bit, and a candidate for the
    /// best; <see cref="TrainingOptions.HeadFirst"/> is passed over but for methods that train the head alone. Null: training starts anew. Default: null.
    /// </summary>
    public string? StartFrom { get; init; }

    /// <summary>
    /// What makes scores of the states. Null: <see cref="HeadKind.Linear"/>; for the method zero-shot <see cref="HeadKind.Likelihood"/> with a causal model,
    /// <see cref="HeadKind.LabelWords"/> with an encoder. Default: null.
    /// </summary>
    public HeadKind? Head { get; init; }

    /// <summary>
    /// A word, or a few, for each label, for the heads that score words, as they go on from the template: behind its cue (<c>{text}\nAnswer:</c>), or in place of its <c>{mask}</c>.
    /// A label without one, or null: the labels themselves.
    /// </summary>
    public IReadOnlyDictionary<string, string>? LabelWords { get; init; }

    /// <summary>What the unlikelihood of wrong labels' words counts in the loss of <see cref="HeadKind.Likelihood"/>, 0 to 1000. Default: 1, as in T-Few.</summary>
    public double UnlikelihoodWeight { get; init; } = 1;

    /// <summary>What the log-likelihood of the right label's words counts in the loss of <see cref="HeadKind.Likelihood"/>, 0 to 1000; T-Few has 1. Default: 0.</summary>
    public double LanguageModelWeight { get; init; }
}
