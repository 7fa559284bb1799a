namespace SkTuning.Prompts;

/// <summary>Builds the text of the prompt that the model reads.</summary>
internal static class PromptText
{
    private const string LabelsSlot = "{labels}", LiteralSlot = "{{labels}}";

    /// <summary>Replaces <c>{labels}</c> with the names of the labels, and <c>{{labels}}</c> with <c>{labels}</c>.</summary>
    public static string Fill(string prompt, IEnumerable<string> labels)
    {
        var names = string.Join(", ", labels);
        return string.Join(LabelsSlot, prompt.Split(LiteralSlot).Select(part => part.Replace(LabelsSlot, names, StringComparison.Ordinal)));
    }

    /// <summary>Returns a text as a part of a prompt, such as a row of a user, in which nothing is replaced.</summary>
    public static string Literal(string text) => text.Replace(LabelsSlot, LiteralSlot, StringComparison.Ordinal);

    /// <summary>Returns the prompt as the model reads it: with the names of the labels filled in, and with the label descriptions if there are any.</summary>
    /// <param name="prompt">The prompt as written.</param>
    /// <param name="labels">The labels.</param>
    /// <param name="descriptions">The texts of each label, in the same order; null if there are none.</param>
    public static string Whole(string prompt, IReadOnlyList<string> labels, IReadOnlyList<IReadOnlyList<string>>? descriptions)
        => descriptions is null ? Fill(prompt, labels) : Describe(Fill(prompt, labels), labels.Zip(descriptions, KeyValuePair.Create));

    /// <summary>Returns a prompt that describes each label: the task, followed by the texts of each label.</summary>
    /// <param name="task">The task, such as "Classify the topic of the customer's message:"; null if there is none.</param>
    /// <param name="descriptions">The labels and their descriptions, in order.</param>
    public static string Describe(string? task, IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> descriptions)
    {
        IEnumerable<string?> parts = [task?.Trim(), .. descriptions.Select(d => $"{d.Key}: {string.Join("; ", d.Value.Select(t => t.Trim().TrimEnd('.')))}.")];
        return string.Join(' ', parts.Where(p => !string.IsNullOrEmpty(p)));
    }
}
