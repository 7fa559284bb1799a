using SkTuning.Data;
using SkTuning.Heads;
using SkTuning.Training;
using SkTuning.Tuning;
using SkTuning.Tuning.SkPrefix;

namespace SkTuning.Inference;

/// <summary>What a classifier is trained to do, and how.</summary>
public sealed record TextClassifierOptions
{
    /// <summary>The task in plain words; the frozen model reads it once. Naming the labels, or saying what each means, helps.</summary>
    public required string Prompt { get; init; }

    /// <summary>What stands around each text, with <c>{text}</c> once. Default: <c>{text}</c>.</summary>
    public string Template { get; init; } = "{text}";

    /// <summary>The tuning method and its options. Default: <see cref="SkPrefixOptions"/>.</summary>
    public TuningOptions Method { get; init; } = new SkPrefixOptions();

    /// <summary>Which states the head sees. Default: the mean over the text.</summary>
    public Pooling Pooling { get; init; } = Pooling.Mean;

    /// <summary>The most tokens of a text; longer ones lose their end. Default: as many as the model's context leaves behind the prompt, at most 512.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Rows that choose the best epoch; null: a stratified part of the training rows is held out.</summary>
    public IReadOnlyList<Row>? Dev { get; init; }

    /// <summary>The training loop.</summary>
    public TrainingOptions Training { get; init; } = new();
}
