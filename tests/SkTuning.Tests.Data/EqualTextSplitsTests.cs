using SkTuning.Data;

namespace SkTuning.Tests.Data;

/// <summary>Rows with equal texts are on one side of every split.</summary>
public sealed class EqualTextSplitsTests
{
    /// <summary>60 texts, each four times, with one label or, if <paramref name="conflicting"/>, with labels by chance.</summary>
    private static List<Row> Repeated(bool conflicting)
    {
        var random = new Shuffler(7);
        var labels = Enumerable.Range(0, 60).Select(_ => random.Next(2) == 0 ? "yes" : "no").ToArray();
        return [.. Enumerable.Range(0, 240).Select(i => new Row(
            (i / 60) switch { 0 => $"text {i % 60}", 1 => $"TEXT {i % 60}!", 2 => $" text\u00a0{i % 60}", _ => $"text {i % 60}" },
            conflicting ? (random.Next(2) == 0 ? "yes" : "no") : labels[i % 60]) { Group = $"g{i % 60 / 2}" })];
    }

    private static void AssertApart(RowSplit split, IReadOnlyList<Row> rows, int expected, int tolerance)
    {
        Assert.Empty(split.Train.Select(EqualTexts.Key).Intersect(split.HeldOut.Select(EqualTexts.Key)));
        Assert.Equal(rows.Count, split.Train.Count + split.HeldOut.Count);
        Assert.InRange(split.HeldOut.Count, expected - tolerance, expected + tolerance);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_split_keeps_equal_texts_together(bool conflicting)
    {
        var rows = Repeated(conflicting);
        for (var seed = 1ul; seed <= 5; seed++)
        {
            AssertApart(Splits.Stratified(rows, 0.1, seed), rows, 24, 6);
            AssertApart(Splits.Random(rows, 0.1, seed), rows, 24, 4);
            AssertApart(Splits.Grouped(rows, 0.1, seed), rows, 24, 8);
            foreach (var fold in Splits.Folds(rows, 5, seed)) AssertApart(fold, rows, 48, 8);
            foreach (var fold in Splits.Folds(rows, 5, seed, grouped: true)) AssertApart(fold, rows, 48, 8);
            Assert.Equal(Splits.Stratified(rows, 0.1, seed).HeldOutIndices, Splits.Stratified(rows, 0.1, seed).HeldOutIndices);
        }
        var several = rows.Select((r, i) => new Row(r.Text, i % 3 == 0 ? ["a", r.Label] : [r.Label])).ToList();
        AssertApart(Splits.Stratified(several, 0.1, 1), several, 24, 8);
        AssertApart(Splits.Folds(several, 4, 1)[0], several, 60, 8);
    }

    [Fact]
    public void A_stratified_split_of_repeated_texts_still_takes_its_share_of_every_label()
    {
        var rows = Repeated(conflicting: false);
        var split = Splits.Stratified(rows, 0.2, 3);
        foreach (var label in (string[])["yes", "no"])
        {
            var expected = 0.2 * rows.Count(r => r.Label == label);
            Assert.InRange(split.HeldOut.Count(r => r.Label == label), expected - 4, expected + 4);
        }
    }

    [Fact]
    public void Pairs_are_equal_only_if_both_texts_are()
    {
        var rows = Enumerable.Range(0, 40).Select(i => new Row("same", i % 2 == 0 ? "a" : "b") { Text2 = $"{i / 4}" }).ToList();
        AssertApart(Splits.Stratified(rows, 0.2, 1), rows, 8, 2);
    }

    [Fact]
    public void Groups_that_share_a_text_stay_together()
    {
        var rows = Enumerable.Range(0, 30).Select(i => new Row(i is 3 or 13 ? "shared" : $"{i}", "x") { Group = $"{i / 10}" }).ToList();
        var split = Splits.Grouped(rows, 0.3, 1);
        Assert.Equal([20], split.HeldOutIndices.Take(1));
        Assert.Contains("1 group of rows", Assert.ThrowsAny<SkTuningException>(() => Splits.Grouped([.. rows.Take(20)], 0.5, 1)).Message);
    }

    [Fact]
    public void A_label_keeps_a_training_row_even_if_it_occurs_only_beside_others()
    {
        List<Row> rows = [.. Enumerable.Range(0, 20).Select(i => new Row($"{i}", "a")), new("0", "rare")];
        for (var seed = 1ul; seed <= 20; seed++) Assert.Contains(Splits.Stratified(rows, 0.5, seed).Train, r => r.Label == "rare");
    }

    [Fact]
    public void Rows_of_one_text_cannot_be_split()
    {
        List<Row> rows = [new("a", "x"), new("A", "x"), new("b", "y"), new("b.", "y")];
        Assert.Contains("none of 2 labels has 2 rows with different texts", Assert.ThrowsAny<SkTuningException>(() => Splits.Stratified(rows, 0.5, 1)).Message);
        Assert.Contains("have the same text", Assert.ThrowsAny<SkTuningException>(() => Splits.Random([.. rows.Take(2)], 0.5, 1)).Message);
        Assert.Contains("3 of 2 different texts", Assert.ThrowsAny<SkTuningException>(() => Splits.Folds(rows, 3, 1)).Message);
    }

    [Fact]
    public void A_few_shot_sample_prefers_different_texts()
    {
        List<Row> rows = [.. Enumerable.Range(0, 40).Select(i => new Row($"{i % 4}", "a")), .. Enumerable.Range(0, 6).Select(i => new Row($"b{i}", "b"))];
        Assert.Equal(4, Splits.KShot(rows, 4, 1).Where(r => r.Label == "a").Select(r => r.Text).Distinct().Count());
        Assert.Equal(6, Splits.KShot(rows, 6, 1).Count(r => r.Label == "a"));
    }

    [Fact]
    public void Empty_texts_are_not_compared()
    {
        var rows = Enumerable.Range(0, 20).Select(i => new Row(" ", i % 2 == 0 ? "a" : "b")).ToList();
        Assert.Equal(2, Splits.Stratified(rows, 0.1, 1).HeldOut.Count);
    }

    [Fact]
    public void Dev_rows_among_the_training_rows_are_counted()
    {
        Row[] train = [new("One", "a"), new("two", "b")], dev = [new("one!", "a"), new("three", "a"), new("", "b")];
        Assert.Equal("1 of 3 dev rows also occurs among the training rows: the dev score is too high for new texts.",
            EqualTexts.Overlap(train, dev, EqualTexts.Key));
        Assert.Null(EqualTexts.Overlap(train, [.. dev.Skip(1)], EqualTexts.Key));
    }
}
