using SkTuning.Heads;
using SkTuning.Prompts;
using SkTuning.Tasks;

namespace SkTuning.Adapters;

/// <summary>Everything of an adapter except its trained tensors. <see cref="AdapterFile"/> is its form on disk.</summary>
internal sealed record AdapterDefinition
{
    /// <summary>The tuning method and its options.</summary>
    public required TuningOptions Tuning { get; init; }

    /// <summary>The head and its options.</summary>
    public required HeadOptions Head { get; init; }

    /// <summary>Which states the head sees.</summary>
    public required Pooling Pooling { get; init; }

    /// <summary>The task and what is stored for it alone.</summary>
    public required TaskSettings Task { get; init; }

    /// <summary>The task's description as it was written.</summary>
    public required string Prompt { get; init; }

    /// <summary>The tokens of the prompt; empty if the method reads none.</summary>
    public required int[] PromptIds { get; init; }

    /// <summary>The text around each row.</summary>
    public required RowTemplate Template { get; init; }

    /// <summary>The maximum number of tokens of a text.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>How longer texts are handled.</summary>
    public Truncation Truncation { get; init; } = Truncation.End;

    /// <summary>The maximum number of windows of a text, if it is read in windows.</summary>
    public int? MaxWindows { get; init; }

    /// <summary>Rows are pairs of texts.</summary>
    public bool Pairs { get; init; }

    /// <summary>The labels, in the order of the scores.</summary>
    public required string[] Labels { get; init; }

    /// <summary>A word for each label, if the head scores words.</summary>
    public string[]? LabelWords { get; init; }

    /// <summary>The descriptions of each label. They follow the prompt, or they are the prior of the head.</summary>
    public string[][]? LabelDescriptions { get; init; }

    /// <summary>The base that the adapter was trained on.</summary>
    public required BaseFingerprint Base { get; init; }

    /// <summary>The feed-forward units that the adapter's model keeps; null for the whole base.</summary>
    public PrunedUnits? Pruning { get; init; }

    /// <summary>The name of the base in the library that the adapter comes from (PEFT's base_model_name_or_path).</summary>
    public string? BaseName { get; init; }

    /// <summary>Where the base is, as a default for tools.</summary>
    public BaseSource? BaseSource { get; init; }

    /// <summary>The precision that the adapter was trained in.</summary>
    public required string Precision { get; init; }

    /// <summary>The number of trained values, head included.</summary>
    public long Parameters { get; init; }

    /// <summary>The seed of the start values.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The metric that chose the epoch.</summary>
    public string? Metric { get; init; }

    /// <summary>The value of the metric on the dev rows.</summary>
    public double? DevScore { get; init; }

    /// <summary>Returns the context for creating the head.</summary>
    public HeadContext HeadContext(FrozenModel model)
        => new(model, Task.Kind, Labels, LabelWords, Template, Truncation, Pooling, Tuning.FreezesHead ? Tuning.Name : null);

    /// <summary>The prompt as the model reads it. A head that reads the descriptions itself replaces those in the prompt.</summary>
    public string WholePrompt => PromptText.Whole(Prompt, Labels, Head.ReadsDescriptions ? null : LabelDescriptions);

    /// <summary>Returns the word that answers a row of a label.</summary>
    public string WordOf(int label) => LabelWords?[label] ?? Labels[label];

    /// <summary>
    /// Returns the tokens that the model reads as the prompt; none if there is no prompt and none is read. A head that reads the descriptions itself replaces
    /// those in the prompt: a short prompt changes the states less.
    /// </summary>
    public int[] TokenizePrompt(FrozenModel model)
    {
        var descriptions = Head.ReadsDescriptions ? null : LabelDescriptions;
        return Prompt.Length == 0 && descriptions is null && !Tuning.ReadsPrompt ? []
            : TextEncoder.PromptIds(model.Tokenizer, model.Config.Causal, WholePrompt);
    }
}
