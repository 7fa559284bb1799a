namespace SkTuning.Training;

/// <summary>Words of the same meaning for labels with common names.</summary>
internal static class CommonWords
{
    private static readonly string[][] Groups =
    [
        ["positive", "good", "great"], ["negative", "bad", "terrible"], ["neutral", "okay", "mixed"], ["yes", "true", "right"], ["no", "false", "wrong"],
    ];

    /// <summary>Returns the words of the group that contains the name of a label; none if there is no such group.</summary>
    public static IReadOnlyList<string> Of(string label) => Groups.FirstOrDefault(g => g.Contains(label, StringComparer.OrdinalIgnoreCase)) ?? [];
}
