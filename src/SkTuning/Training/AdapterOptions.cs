namespace SkTuning;

/// <summary>The options that all tasks have in common: the task's description, the tuning method, and how to train.</summary>
public abstract record AdapterOptions
{
    private protected AdapterOptions() { }

    /// <summary>
    /// The task in plain words, which the frozen model reads once. It helps to name the labels or to describe each; <c>{labels}</c> is replaced with their
    /// names. Methods that read no prompt (<c>lora</c>, <c>probe</c>…) need none.
    /// </summary>
    public string Prompt { get; init; } = "";

    /// <summary>
    /// What each label means, in one or several texts: its name in words, a definition, an example in the style of the rows. With
    /// <see cref="SemanticHeadOptions"/>, the head starts from their states, and a label without a text is described by its name. With other heads, the texts
    /// follow the prompt, and either all labels have one or none. The default is <see langword="null"/>: no label has a text.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? LabelDescriptions { get; init; }

    /// <summary>
    /// A word, or a few, for each label, for the heads that score words. The words continue the row template: after its cue (<c>{text}\nAnswer:</c>), or in
    /// place of its <c>{mask}</c>. A label without a word is scored by its name. The default is <see langword="null"/>: all labels are.
    /// </summary>
    public IReadOnlyDictionary<string, string>? LabelWords { get; init; }

    /// <summary>
    /// The text around each row: <c>{text}</c> once, <c>{text2}</c> for the second text of a pair, <c>{mask}</c> for the mask token of an encoder. The default
    /// is the text alone; a pair is joined by the tokenizer (encoders) or by a line break (causal models).
    /// </summary>
    public string Template { get; init; } = "{text}";

    /// <summary>
    /// The tuning method and its options. The default is <see cref="AutoOptions"/>: the number of rows, the task and the base decide. A method that reads the
    /// prompt, such as <see cref="SkPrefixOptions"/>, is used only if it is named.
    /// </summary>
    public TuningOptions Method { get; init; } = new AutoOptions();

    /// <summary>
    /// The head. The default is <see langword="null"/>: <see cref="SemanticHeadOptions"/>; <see cref="LinearHeadOptions"/> for tagged words, for methods that
    /// replace the head, and with the pooling <see cref="Pooling.Attention"/>; for the method zero-shot <see cref="LikelihoodHeadOptions"/> with a causal model
    /// and <see cref="LabelWordsHeadOptions"/> with an encoder.
    /// </summary>
    public HeadOptions? Head { get; init; }

    /// <summary>What training minimizes. The default is <see cref="CrossEntropyObjectiveOptions"/>.</summary>
    public ObjectiveOptions Objective { get; init; } = new CrossEntropyObjectiveOptions();

    /// <summary>
    /// Which states the head sees. Heads that score words see the state where the word is expected. The default is <see cref="Pooling.Mean"/>.
    /// </summary>
    public Pooling Pooling { get; init; } = Pooling.Mean;

    /// <summary>
    /// The maximum number of tokens of a text; <see cref="Truncation"/> says how longer texts are handled. The default is <see langword="null"/>: what the
    /// model's context leaves after the prompt, at most 512.
    /// </summary>
    public int? MaxTokens { get; init; }

    /// <summary>
    /// How texts that are too long are handled. The default is <see cref="Truncation.End"/>. The other values need single texts, not pairs or tagged words, and
    /// <see cref="Truncation.Windows"/> does not work with the head likelihood.
    /// </summary>
    public Truncation Truncation { get; init; } = Truncation.End;

    /// <summary>
    /// The maximum number of windows of a text with <see cref="Truncation.Windows"/>, from 2 to 1000. All windows of a row go through the model in the same
    /// step. The default is 16.
    /// </summary>
    public int MaxWindows { get; init; } = 16;

    /// <summary>
    /// The folder of an adapter to continue from, on other rows or with new labels; it must be of the same base and task. Its method, prompt, template, head,
    /// pooling and limits are kept: these options must repeat them or leave them at their defaults. Its labels keep their positions; new labels follow them
    /// with new start values, and labels that the rows lack are kept. The trained values are the start, bit for bit, and a candidate for the best;
    /// <see cref="TrainingOptions.HeadFirst"/> is ignored except for methods that train the head alone. The default is <see langword="null"/>: training starts
    /// from scratch.
    /// </summary>
    public string? StartFrom { get; init; }

    /// <summary>
    /// Prunes feed-forward units of the model for this adapter, which then predicts faster. Cannot be combined with <see cref="StartFrom"/>, which keeps the
    /// units of an adapter that is pruned already. The default is <see langword="null"/>: the adapter uses the whole model.
    /// </summary>
    public PruningOptions? Prune { get; init; }

    /// <summary>
    /// Texts without labels, from which a prompt is distilled in addition to the training rows (<see cref="PrefixTuningOptions.Distillation"/>). The default is
    /// <see langword="null"/>: there are none.
    /// </summary>
    public IReadOnlyList<string>? DistillationTexts { get; init; }

    /// <summary>The options of the training loop.</summary>
    public TrainingOptions Training { get; init; } = new();
}

/// <summary>The options of a task whose rows have a type.</summary>
/// <typeparam name="TRow">The type of the rows.</typeparam>
public abstract record AdapterOptions<TRow> : AdapterOptions
{
    private protected AdapterOptions() { }

    /// <summary>
    /// Rows that are not trained on: they say whether the adapter is better than the head alone and, where there are 200 or more, choose the best epoch. The
    /// default is <see langword="null"/>: a cross-validation takes their place below 2,000 training rows, and from there on a part of the training rows is held
    /// out (<see cref="TrainingOptions.DevFraction"/>, <see cref="TrainingOptions.Folds"/>).
    /// </summary>
    public IReadOnlyList<TRow>? Dev { get; init; }
}
