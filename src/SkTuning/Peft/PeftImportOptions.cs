namespace SkTuning.Peft;

/// <summary>The settings of an adapter that PEFT does not store.</summary>
public sealed record PeftImportOptions
{
    /// <summary>The row template of the training: <c>{text}</c> once, and <c>{text2}</c> for the second text of a pair. The default is <c>{text}</c>.</summary>
    public string Template { get; init; } = "{text}";

    /// <summary>
    /// The maximum number of tokens of a text; the end of a longer text is truncated. The default is <see langword="null"/>: what the model's context
    /// leaves after the prefix, at most 512.
    /// </summary>
    public int? MaxTokens { get; init; }

    /// <summary>Whether the adapter was trained on pairs of texts. The default is <see langword="false"/>.</summary>
    public bool Pairs { get; init; }
}
