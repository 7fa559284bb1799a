using SkTuning.Data;

namespace SkTuning.Tests.Classifiers;

/// <summary>Generated reviews on five levels.</summary>
internal static class LeveledReviews
{
    private static readonly string[] Positive = ["great", "wonderful", "excellent", "lovely", "superb", "perfect"],
        Neutral = ["wooden", "early", "round", "blue", "local", "weekly"], Things = ["room", "breakfast", "view", "staff"];

    /// <summary>Five levels by a rule: the number of positive words. The levels have the names 1 to 5.</summary>
    public static IReadOnlyList<Row> Of(int count, ulong seed)
    {
        var random = new Shuffler(seed);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var isPositive = Enumerable.Range(0, Things.Length).Select(t => t < i % 5).ToArray();
            random.Shuffle<bool>(isPositive);
            var words = Things.Select((thing, t) => $"{(isPositive[t] ? Positive : Neutral)[random.Next(Positive.Length)]} {thing}");
            return new Row(string.Join(", ", words), $"{1 + i % 5}");
        })];
    }
}
