namespace SkTuning.Tests.Data;

public sealed class SplitsTests
{
    private static List<Row> Rows(params (string Label, int Count)[] groups)
        => groups.SelectMany(g => Enumerable.Range(0, g.Count).Select(i => new Row($"{g.Label} {i}", g.Label)))
            .OrderBy(r => r.Text[^1]).ThenBy(r => r.Text, StringComparer.Ordinal).ToList();

    [Fact]
    public void A_stratified_tenth_takes_a_tenth_of_every_label()
    {
        var rows = Rows(("a", 100), ("b", 50), ("c", 10));
        var split = Splits.Stratified(rows, 0.1, 1);
        Assert.Equal([("a", 10), ("b", 5), ("c", 1)], split.HeldOut.GroupBy(r => r.Label).Select(g => (g.Key, g.Count())).Order());
        Assert.Equal(rows.ToHashSet(), split.HeldOut.Concat(split.Train).ToHashSet());
        Assert.Equal(160, split.HeldOut.Count + split.Train.Count);
        Assert.Equal(split.HeldOut, split.HeldOutIndices.Select(i => rows[i]));
        Assert.Equal(split.HeldOutIndices.Order(), split.HeldOutIndices);
        Assert.Equal(rows.Except(split.HeldOut), split.Train);
    }

    /// <summary>The integer parts of the shares, and one row more for the largest remainders; a label with one row keeps it.</summary>
    [Theory]
    [InlineData(0.25, 2, 2, 2, 7, 9, 8)]
    [InlineData(0.5, 6, 5, 0, 10, 10, 1)]
    [InlineData(0.5, 0, 6, 5, 1, 10, 10)]
    [InlineData(0.1, 1, 0, 0, 2, 2, 2)]
    [InlineData(0.01, 0, 1, 0, 2, 3, 1)]
    public void Shares_are_rounded_by_the_largest_remainders(double fraction, int a, int b, int c, int rowsOfA, int rowsOfB, int rowsOfC)
    {
        var held = Splits.Stratified(Rows(("a", rowsOfA), ("b", rowsOfB), ("c", rowsOfC)), fraction, 3).HeldOut.CountBy(r => r.Label).ToDictionary();
        Assert.Equal((a, b, c), (held.GetValueOrDefault("a"), held.GetValueOrDefault("b"), held.GetValueOrDefault("c")));
    }

    [Fact]
    public void Only_the_seed_decides()
    {
        var rows = Rows(("a", 60), ("b", 60));
        Assert.Equal(Splits.Stratified(rows, 0.25, 5).HeldOutIndices, Splits.Stratified(rows, 0.25, 5).HeldOutIndices);
        Assert.NotEqual(Splits.Stratified(rows, 0.25, 5).HeldOutIndices, Splits.Stratified(rows, 0.25, 6).HeldOutIndices);
        Assert.Equal("29 30 47 58 62 85 100 102 106 109 110 119", string.Join(' ', Splits.Stratified(rows, 0.1, 1).HeldOutIndices));
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.99)]
    public void No_label_loses_its_last_row(double fraction)
    {
        var split = Splits.Stratified(Rows(("a", 1), ("b", 2), ("c", 3), ("d", 9)), fraction, 2);
        Assert.Equal(["a", "b", "c", "d"], LabelSet.Of(split.Train));
        Assert.DoesNotContain(split.HeldOut, r => r.Label == "a");
        Assert.NotEmpty(split.HeldOut);
    }

    [Fact]
    public void Rows_that_cannot_be_split_are_rejected()
    {
        Assert.Contains("none of 2 labels has 2 rows", Assert.ThrowsAny<SkTuningException>(() => Splits.Stratified(Rows(("a", 1), ("b", 1)), 0.5, 1)).Message);
        Assert.Contains("none of 0 labels", Assert.ThrowsAny<SkTuningException>(() => Splits.Stratified([], 0.5, 1)).Message);
        foreach (var fraction in new[] { 0, 1, -0.1, double.NaN })
            Assert.ThrowsAny<SkTuningException>(() => Splits.Stratified(Rows(("a", 4)), fraction, 1));
    }

    [Fact]
    public void A_k_shot_sample_has_k_rows_of_every_label()
    {
        var rows = Rows(("a", 40), ("b", 16), ("c", 20));
        var sample = Splits.KShot(rows, 16, 3);
        Assert.Equal([("a", 16), ("b", 16), ("c", 16)], sample.GroupBy(r => r.Label).Select(g => (g.Key, g.Count())).Order());
        Assert.Equal(48, sample.Distinct().Count());
        Assert.Equal(rows.Where(sample.Contains), sample);
        Assert.Equal(sample, Splits.KShot(rows, 16, 3));
        Assert.NotEqual(sample, Splits.KShot(rows, 16, 4));
        Assert.Contains("'b' has 16 rows, expected at least 17", Assert.ThrowsAny<SkTuningException>(() => Splits.KShot(rows, 17, 3)).Message);
    }

    [Fact]
    public void Labels_are_in_ordinal_order_regardless_of_the_order_of_rows()
    {
        var labels = LabelSet.Of((Row[])[new("", "b"), new("", "ä"), new("", "B"), new("", "a"), new("", "b"), new("", "10"), new("", "2")]);
        Assert.Equal(["10", "2", "B", "a", "b", "ä"], labels);
        Assert.Equal(4, labels.GetIndex("b"));
        Assert.Equal(-1, labels.IndexOf("c"));
        Assert.Equal(["z", "a"], LabelSet.InOrder(["z", "a"]));
    }

    [Fact]
    public void An_unknown_label_is_reported_with_its_source_and_the_known_labels()
    {
        var labels = new LabelSet(["positive", "negative"]);
        Assert.Equal([1, 0], labels.IndicesOf([new("", "positive"), new("", "negative")], "dev.tsv"));
        var error = Assert.ThrowsAny<SkTuningException>(() => labels.IndicesOf([new("", "positive"), new("", "neutral")], "dev.tsv"));
        Assert.Equal("dev.tsv, row 2: the label 'neutral' is unknown, expected one of 'negative', 'positive'. "
            + "Correct the row, or train with rows of this label.",
            error.Message);
        var many = new LabelSet(Enumerable.Range(10, 77).Select(i => $"l{i}"));
        Assert.EndsWith("'l29' and 57 more", many.ToString(), StringComparison.Ordinal);
        Assert.ThrowsAny<SkTuningException>(() => new LabelSet(["a", " "]));
        Assert.ThrowsAny<SkTuningException>(() => LabelSet.InOrder(["a", "a"]));
    }
}
