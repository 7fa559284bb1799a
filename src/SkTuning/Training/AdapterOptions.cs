using SkTuning.Tokenizers.Chat;

namespace SkTuning;

/// <summary>What every task is trained with.</summary>
public abstract record AdapterOptions
{
    private protected AdapterOptions() { }

    /// <summary>
    /// The task in plain words; the frozen model reads it once. Naming the labels, or saying what each means, helps; <c>{labels}</c> is filled with their names.
    /// Methods that read no prompt (<c>lora</c>, <c>probe</c>…) need none.
    /// </summary>
    public string Prompt { get; init; } = "";

    /// <summary>
    /// A sentence for each label that says what it means; they are put behind the prompt, which was worth more than any change of the adapter. Null: none, the prompt says it all.
    /// </summary>
    public IReadOnlyDictionary<string, string>? LabelDescriptions { get; init; }

    /// <summary>
    /// What stands around each text: <c>{text}</c> once, <c>{text2}</c> for the second text of a pair, <c>{mask}</c> for the mask token of an encoder. Default: the text alone;
    /// of a pair, what the tokenizer joins it with (encoders), or both with a line end between them (causal models).
    /// </summary>
    public string Template { get; init; } = "{text}";

    /// <summary>The tuning method and its options. Default: <see cref="SkPrefixOptions"/>.</summary>
    public TuningOptions Method { get; init; } = new SkPrefixOptions();

    /// <summary>Which states the head sees; heads that score words look where the word would stand. Default: the mean over the text.</summary>
    public Pooling Pooling { get; init; } = Pooling.Mean;

    /// <summary>The most tokens of a text; longer ones lose what <see cref="Truncation"/> says. Default: as many as the model's context leaves behind the prompt, at most 512.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>
    /// What becomes of texts that are too long. Default: <see cref="Truncation.End"/>. The others are for single texts, not for pairs and not for words with tags, and
    /// <see cref="Truncation.Windows"/> is not for the head likelihood.
    /// </summary>
    public Truncation Truncation { get; init; } = Truncation.End;

    /// <summary>The most windows that a text is read in with <see cref="Truncation.Windows"/>, 2 to 1000; all of a row's go through the model in the same step. Default: 16.</summary>
    public int MaxWindows { get; init; } = 16;

    /// <summary>The training loop.</summary>
    public TrainingOptions Training { get; init; } = new();
}
