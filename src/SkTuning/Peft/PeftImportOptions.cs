using SkTuning.Tokenizers.Chat;
using SkTuning.Training;

namespace SkTuning.Peft;

/// <summary>What PEFT does not store, and an adapter needs.</summary>
public sealed record PeftImportOptions
{
    /// <summary>What stood around each text in training: <c>{text}</c> once, <c>{text2}</c> for the second text of a pair. Default: the text alone.</summary>
    public string Template { get; init; } = "{text}";

    /// <summary>The most tokens of a text; longer ones lose their end. Default: as many as the model's context leaves behind the prefix, at most 512.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>True when it was trained on pairs of texts. Default: false.</summary>
    public bool Pairs { get; init; }
}
