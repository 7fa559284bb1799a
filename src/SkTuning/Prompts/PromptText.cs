namespace SkTuning.Prompts;

/// <summary>The prompt as it was written, and as the model reads it.</summary>
internal static class PromptText
{
    private const string LabelsSlot = "{labels}";

    /// <summary><c>{labels}</c> is filled with the labels' names.</summary>
    public static string Fill(string prompt, IEnumerable<string> labels) => prompt.Replace(LabelsSlot, string.Join(", ", labels), StringComparison.Ordinal);

    /// <summary>The prompt as the model reads it: filled, and with what each label means where that was said.</summary>
    /// <param name="prompt">The task.</param>
    /// <param name="labels">The labels.</param>
    /// <param name="descriptions">A sentence for each label, in their order; null: none.</param>
    public static string Whole(string prompt, IReadOnlyList<string> labels, IReadOnlyList<string>? descriptions)
        => descriptions is null ? Fill(prompt, labels) : Describe(Fill(prompt, labels), labels.Zip(descriptions, KeyValuePair.Create));

    /// <summary>A prompt that says what each label means: the task, then a sentence a label.</summary>
    /// <param name="task">The task, such as "Classify the topic of the customer's message:"; null for none.</param>
    /// <param name="descriptions">What each label means, in a sentence; in this order.</param>
    public static string Describe(string? task, IEnumerable<KeyValuePair<string, string>> descriptions)
        => string.Join(' ', ((IEnumerable<string?>)[task?.Trim(), .. descriptions.Select(d => $"{d.Key}: {d.Value.Trim().TrimEnd('.')}.")]).Where(p => !string.IsNullOrEmpty(p)));
}
