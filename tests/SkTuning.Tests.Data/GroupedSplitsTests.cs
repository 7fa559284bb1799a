namespace SkTuning.Tests.Data;

public sealed class GroupedSplitsTests
{
    /// <summary>40 customers with 1 to 10 rows each, and labels in a different pattern.</summary>
    private static List<Row> Customers()
    {
        var rows = new List<Row>();
        for (var g = 0; g < 40; g++)
            for (var r = 0; r <= g % 10; r++)
                rows.Add(new($"{g} {r}", (g * 7 + r) % 3 == 0 ? "rare" : (g + r) % 2 == 0 ? "even" : "odd") { Group = $"c{g}" });
        return rows;
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.25)]
    [InlineData(0.5)]
    public void No_group_is_on_both_sides_and_every_label_has_its_share(double fraction)
    {
        var rows = Customers();
        for (var seed = 1ul; seed <= 10; seed++)
        {
            var split = Splits.Grouped(rows, fraction, seed);
            Assert.Empty(split.Train.Select(r => r.Group).Intersect(split.HeldOut.Select(r => r.Group)));
            Assert.Equal(rows.Count, split.Train.Count + split.HeldOut.Count);
            Assert.Equal(split.HeldOut, split.HeldOutIndices.Select(i => rows[i]));
            Assert.InRange(split.HeldOut.Count, fraction * rows.Count - 5, fraction * rows.Count + 5);
            foreach (var label in LabelSet.Of(rows))
            {
                var expected = fraction * rows.Count(r => r.Label == label);
                Assert.InRange(split.HeldOut.Count(r => r.Label == label), expected - 6, expected + 6);
            }
        }
    }

    [Fact]
    public void Only_the_seed_decides()
    {
        var rows = Customers();
        Assert.Equal(Splits.Grouped(rows, 0.2, 3).HeldOutIndices, Splits.Grouped(rows, 0.2, 3).HeldOutIndices);
        Assert.NotEqual(Splits.Grouped(rows, 0.2, 3).HeldOutIndices, Splits.Grouped(rows, 0.2, 4).HeldOutIndices);
        Assert.NotEqual(Splits.Random(rows, 0.2, 3).HeldOutIndices, Splits.Random(rows, 0.2, 4).HeldOutIndices);
        Assert.Equal("1 5 13 19", string.Join(' ', Splits.Random([.. rows.Take(20)], 0.2, 1).HeldOutIndices));
    }

    [Fact]
    public void A_row_without_a_group_is_a_group_by_itself()
    {
        var rows = Enumerable.Range(0, 10).Select(i => new Row($"{i}", "a") { Group = i < 4 ? "g" : null }).ToList();
        var split = Splits.Grouped(rows, 0.3, 1);
        Assert.Equal(3, split.HeldOut.Count);
        Assert.Empty(split.Train.Select(r => r.Group).OfType<string>().Intersect(split.HeldOut.Select(r => r.Group).OfType<string>()));
        Assert.Contains("1 group of rows, expected at least 2", Assert.ThrowsAny<SkTuningException>(() => Splits.Grouped([.. rows.Take(4)], 0.5, 1)).Message);
        var two = Splits.Grouped([.. rows.Take(5)], 0.9, 1);
        Assert.NotEmpty(two.Train);
        Assert.NotEmpty(two.HeldOut);
    }

    [Fact]
    public void Folds_hold_every_row_out_once()
    {
        var rows = Customers();
        var folds = Splits.Folds(rows, 5, 2);
        Assert.Equal(Enumerable.Range(0, rows.Count), folds.SelectMany(f => f.HeldOutIndices).Order());
        foreach (var fold in folds)
            foreach (var label in LabelSet.Of(rows))
            {
                var expected = rows.Count(r => r.Label == label) / 5.0;
                Assert.InRange(fold.HeldOut.Count(r => r.Label == label), expected - 2, expected + 2);
            }
        var grouped = Splits.Folds(rows, 4, 2, grouped: true);
        Assert.All(grouped, f => Assert.Empty(f.Train.Select(r => r.Group).Intersect(f.HeldOut.Select(r => r.Group))));
        Assert.All(grouped, f => Assert.InRange(f.HeldOut.Count, rows.Count / 4 - 12, rows.Count / 4 + 12));
        Assert.Contains("Folds: 1 of", Assert.ThrowsAny<SkTuningException>(() => Splits.Folds(rows, 1, 1)).Message);
        Assert.Contains("5 of 3 rows", Assert.ThrowsAny<SkTuningException>(() => Splits.Folds([.. rows.Take(3)], 5, 1)).Message);
    }

    [Fact]
    public void Rows_with_several_labels_are_divided_by_every_label()
    {
        static IEnumerable<string> Labels(int i)
        {
            if (i % 2 == 0) yield return "half";
            if (i % 5 == 0) yield return "fifth";
            if (i % 40 == 1) yield return "rare";
        }
        var rows = Enumerable.Range(0, 400).Select(i => new Row($"{i}", Labels(i))).ToList();
        var split = Splits.Stratified(rows, 0.2, 1);
        Assert.InRange(split.HeldOut.Count, 76, 84);
        foreach (var (label, count) in new[] { ("half", 200), ("fifth", 80), ("rare", 10) })
            Assert.InRange(split.HeldOut.Count(r => r.Labels.Contains(label)), count / 5 - 2, count / 5 + 2);
        var shots = Splits.KShot(rows, 8, 1);
        foreach (var label in (string[])["half", "fifth", "rare"]) Assert.True(shots.Count(r => r.Labels.Contains(label)) >= 8);
        Assert.InRange(shots.Count, 16, 24);
    }
}
