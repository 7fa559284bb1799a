using SkTuning.Adapters;
using SkTuning.Batches;

namespace SkTuning.Training;

/// <summary>What to try where an adapter did not certainly help.</summary>
internal static class Advice
{
    private const int FewRows = 16;

    /// <summary>Returns one sentence; null if none is needed.</summary>
    /// <param name="tried">The definition of the adapter.</param>
    /// <param name="train">The training rows.</param>
    /// <param name="verdict">The comparison with the head alone.</param>
    /// <param name="texts">What is known about the texts of the labels.</param>
    public static string? Of(AdapterDefinition tried, IReadOnlyList<EncodedRow> train, TrainingVerdict verdict, DescriptionCheck? texts)
    {
        if (verdict.AdapterScore is null || verdict.HasHelped) return null;
        if (texts is { HaveHurt: true }) return "Try other texts for the labels, in the style of their rows.";
        if (tried.Labels.Length > 1)
        {
            if (tried.LabelDescriptions is { } own && own.All(t => t.Length == 1))
                return "Try several texts for each label, such as a definition and an example in the style of its rows.";
            var counts = new int[tried.Labels.Length];
            foreach (var label in train.SelectMany(r => r.Classes)) counts[label]++;
            var (rows, rarest) = (counts.Min(), Array.IndexOf(counts, counts.Min()));
            if (rows < FewRows)
            {
                return counts.Max() == rows
                    ? FormattableString.Invariant($"Try more rows: each label has {rows}.")
                    : FormattableString.Invariant($"Try more rows of the label {tried.Labels[rarest]}, which has {rows}.");
            }
        }
        var other = tried.Tuning is LoraOptions ? "bitfit" : "lora";
        return $"Try another method, such as {other}, more rows, or a longer training.";
    }
}
