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
    public static string? Of(AdapterDefinition tried, IReadOnlyList<EncodedRow> train, TrainingVerdict verdict)
    {
        if (verdict.AdapterScore is null || verdict.HasHelped) return null;
        if (tried.Labels.Length > 1)
        {
            if (tried.LabelDescriptions is { } texts && texts.All(t => t.Length == 1))
                return "Try several texts for each label, such as a definition and an example in the style of its rows.";
            var counts = new int[tried.Labels.Length];
            foreach (var label in train.SelectMany(r => r.Classes)) counts[label]++;
            var (rows, rarest) = (counts.Min(), Array.IndexOf(counts, counts.Min()));
            if (rows < FewRows)
                return FormattableString.Invariant($"Try more rows: the label {tried.Labels[rarest]} has {rows}{(counts.All(c => c == rows) ? ", like the others" : "")}.");
        }
        var other = tried.Tuning is LoraOptions ? "bitfit" : "lora";
        return $"Try another method, such as {other}, more rows, or a longer training.";
    }
}
