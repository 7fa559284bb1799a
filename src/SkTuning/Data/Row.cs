namespace SkTuning.Data;

/// <summary>One labelled example.</summary>
/// <param name="Text">The text to classify; may be empty.</param>
/// <param name="Label">Its label, exactly as in the file; never empty.</param>
public sealed record Row(string Text, string Label)
{
    /// <summary>The second text of a sentence pair; null for a single text.</summary>
    public string? Text2 { get; init; }
}
