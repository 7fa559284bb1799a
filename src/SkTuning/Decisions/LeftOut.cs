using SkTuning.Metrics;

namespace SkTuning.Decisions;

/// <summary>
/// Treats some labels as if they were out of scope, in turn: without any row out of scope, this is what says which score separates new labels from known ones.
/// </summary>
/// <param name="rows">The rows, as one model computes them.</param>
/// <param name="folds">The rows of each part of a cross-validation.</param>
internal sealed class LeftOut(ScoredRows rows, IReadOnlyList<int[]> folds)
{
    /// <summary>The maximum number of groups of labels.</summary>
    private const int MaxGroups = 5;

    /// <summary>A group has two labels or more: what a single label says about new ones is chance.</summary>
    private const int MinLabels = 2 * MaxGroups;

    /// <summary>Returns one part for each group of labels; none if there are too few labels.</summary>
    /// <param name="score">
    /// Computes scores of rows by a head that knows only some labels: receives these labels, the rows to fit it to, and the rows to score; null to leave the
    /// scores of the other labels out.
    /// </param>
    public IReadOnlyList<RejectionPart> Parts(Func<int[], int[], int[], FeatureRows>? score)
    {
        int[] labels = [.. rows.Classes.Distinct().Order()];
        return labels.Length < MinLabels || folds.Count < 2 ? []
            : [.. Enumerable.Range(0, MaxGroups).Select(Part).OfType<RejectionPart>()];

        RejectionPart? Part(int group)
        {
            int[] kept = [.. labels.Where((_, i) => i % MaxGroups != group)];
            var (known, held) = (kept.ToHashSet(), folds[group % folds.Count].ToHashSet());
            int[] all = [.. Enumerable.Range(0, rows.Count)];
            int[] reference = [.. all.Where(i => known.Contains(rows.Classes[i]) && !held.Contains(i))];
            int[] inside = [.. all.Where(i => known.Contains(rows.Classes[i]) && held.Contains(i))];
            int[] outside = [.. all.Where(i => !known.Contains(rows.Classes[i]))];
            if (reference.Length == 0 || inside.Length == 0) return null;
            var place = kept.Index().ToDictionary(k => k.Item, k => k.Index);
            int[] scored = [.. inside, .. outside];
            var scores = score is null ? Masked(scored) : score(kept, reference, scored);
            int[] first = [.. Enumerable.Range(0, inside.Length)], last = [.. Enumerable.Range(inside.Length, outside.Length)];
            // The reference is used for its features alone.
            return new(Of(reference, new([], kept.Length)), Of(inside, scores.Of(first)), Of(outside, scores.Of(last)) with { Classes = [] });

            ScoredRows Of(int[] chosen, FeatureRows scores)
                => new(scores, rows.Features?.Of(chosen), [.. chosen.Select(i => place.GetValueOrDefault(rows.Classes[i], -1))]);

            FeatureRows Masked(int[] chosen) => new([.. chosen.SelectMany(i => kept.Select(c => rows.Scores[i][c]))], kept.Length);
        }
    }
}
