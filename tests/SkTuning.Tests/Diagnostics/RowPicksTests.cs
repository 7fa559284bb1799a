using SkTuning.Clusters;
using SkTuning.Diagnostics;

namespace SkTuning.Tests.Diagnostics;

/// <summary>The rows to label next.</summary>
public sealed class RowPicksTests
{
    /// <summary>Groups of 5, 4 and 2 vectors on a line, each with its most typical one in the middle.</summary>
    private static readonly Vectors Groups = new([0, 2, 3, 4, 6, 100, 101, 102, 103, 200, 201], 1);

    private static readonly string[] Words = "where is my parcel card was refused the box late bill paid it".Split(' ');

    [Fact]
    public void The_most_typical_row_of_each_cluster_is_chosen_the_largest_cluster_first()
    {
        var chosen = TypicalRows.Of(Groups, Groups.Count, 3, new(1), default);
        Assert.Equal([5, 4, 2], chosen.Select(c => c.Size));
        Assert.Equal(2, chosen[0].Index);
        Assert.Contains(chosen[1].Index, (int[])[6, 7]);
        Assert.All(chosen, c => Assert.Equal(0, c.Labeled));
    }

    [Fact]
    public void Clusters_with_a_labeled_row_are_chosen_from_last()
    {
        // The last vector is a labeled row among those of the largest group.
        var points = new Vectors([.. Groups.Values, 2.5f], 1);
        var chosen = TypicalRows.Of(points, Groups.Count, 2, new(3), default);
        Assert.Equal([4, 2], chosen.Select(c => c.Size));
    }

    [Fact]
    public void Uncertain_rows_come_from_different_clusters_and_the_most_uncertain_of_each_is_chosen()
    {
        double[] uncertainty = [0.9, 0.99, 0.9, 0.9, 0.9, 0.7, 0.8, 0.7, 0.7, 0.5, 0.6];
        var chosen = UncertainRows.Of(Groups, uncertainty, 3, new(1), default);
        Assert.Equal([1, 6, 10], chosen.Select(c => c.Index));
    }

    [Fact]
    public void Rows_that_the_adapter_is_sure_about_are_not_chosen_even_if_they_differ()
    {
        double[] uncertainty = [.. Enumerable.Repeat(0.9, 10), .. Enumerable.Repeat(0.1, 90)];
        var points = new Vectors([.. Enumerable.Range(0, 100).Select(i => (float)(i * i))], 1);
        Assert.Equal([0], UncertainRows.Of(points, uncertainty, 1, new(1), default).Select(c => c.Index));
    }

    [Fact]
    public void The_same_seed_gives_the_same_rows_and_no_text_twice()
    {
        using var model = FrozenModel.Load(Fixtures.MicroModel);
        List<Row> rows = [.. Rows(60), new("my bill", ""), new("  My, BILL ", ""), new(" ", "")];
        var options = new RowPickOptions { Count = 8, Seed = 4 };
        var (one, two) = (RowPicks.Of(model, rows, options), RowPicks.Of(model, rows, options));
        Assert.Equal(one.Rows, two.Rows);
        Assert.Equal(8, one.Rows.Select(r => r.Row.Text).Distinct().Count());
        Assert.Equal(rows.Count, one.RowsRead);
        Assert.All(one.Rows, r => Assert.Equal(rows[(int)r.Number - 1], r.Row));
    }

    [Fact]
    public void Labeled_texts_are_not_chosen_again_and_all_others_can_be()
    {
        using var model = FrozenModel.Load(Fixtures.MicroModel);
        var rows = Rows(30).ToList();
        var picks = RowPicks.Of(model, rows, new() { Count = 30, Labeled = [new(rows[3].Text.ToUpperInvariant(), "x")] });
        Assert.Equal(29, picks.Rows.Count);
        Assert.DoesNotContain(4, picks.Rows.Select(r => r.Number));
        Assert.Equal(29, picks.Candidates);
    }

    [Fact]
    public void Of_more_rows_than_fit_a_random_part_is_considered()
    {
        using var model = FrozenModel.Load(Fixtures.MicroModel);
        var picks = RowPicks.Of(model, Rows(400), new() { Count = 5, MaxCandidates = 50 });
        Assert.Equal((400, 50), (picks.RowsRead, picks.Candidates));
        Assert.Contains(picks.Rows, r => r.Number > 50);
    }

    [Fact]
    public void A_reservoir_keeps_every_item_with_the_same_probability()
    {
        var counts = new int[20];
        for (var seed = 1UL; seed <= 2000; seed++)
        {
            var reservoir = new Reservoir<int>(5, new(seed));
            for (var i = 0; i < counts.Length; i++) reservoir.Offer(i, i);
            foreach (var (_, item) in reservoir.Kept()) counts[item]++;
        }
        Assert.All(counts, c => Assert.InRange(c, 400, 600));       // 500 are expected, with a deviation of 19
    }

    [Fact]
    public void An_adapter_chooses_rows_whose_two_most_likely_labels_are_nearly_equally_likely()
    {
        using var model = FrozenModel.Load(Fixtures.MicroModel);
        var train = Rows(40).Select((r, i) => r with { Label = i % 2 == 0 ? "even" : "odd" }).ToList();
        using var classifier = TextClassifier.Train(model, train, new() { Method = new ProbeOptions(), Training = new() { Folds = 0 } });
        var pool = Rows(80).Skip(40).ToList();
        var picks = RowPicks.Of(classifier, pool, new() { Count = 3, Labeled = train });
        var margins = classifier.Predict(pool).Select(p => 1 - Math.Abs(p.Scores["even"] - p.Scores["odd"])).ToList();
        Assert.Equal(margins.Max(), picks.Rows[0].Score, 1e-4);
        Assert.All(picks.Rows, r => Assert.Equal(margins[(int)r.Number - 1], r.Score, 1e-4));
        Assert.All(picks.Rows, r => Assert.Contains("even", r.Reason));
    }

    [Fact]
    public void Options_out_of_range_and_rows_that_cannot_be_chosen_from_are_refused()
    {
        using var model = FrozenModel.Load(Fixtures.MicroModel);
        Assert.Contains("RowPickOptions.Count is 0", Refusal(Rows(3), new() { Count = 0 }));
        Assert.Contains("RowPickOptions.MaxCandidates is 5", Refusal(Rows(3), new() { Count = 6, MaxCandidates = 5 }));
        Assert.Contains("no rows to choose from", Refusal([], new()));
        Assert.Contains("labeled already", Refusal(Rows(2), new() { Labeled = [.. Rows(2)] }));
        Assert.Contains("Row 2 has a second text", Refusal([new("a", ""), new("b", "") { Text2 = "c" }], new()));

        string Refusal(IEnumerable<Row> rows, RowPickOptions options)
            => Assert.Throws<SkTuningException>(() => RowPicks.Of(model, rows, options)).Message;
    }

    internal static IEnumerable<Row> Rows(int count)
        => Enumerable.Range(0, count).Select(i => new Row($"{Words[i % 7]} {Words[i % 11]} {Words[i * i % 13]} {i}", "") { Line = i + 2 });
}

/// <summary>Measures the memory of the process, while no other test runs.</summary>
[Collection(Alone.Name)]
public sealed class RowPicksMemoryTests
{
    [Fact]
    public void Memory_does_not_grow_with_the_number_of_rows()
    {
        using var model = FrozenModel.Load(Fixtures.MicroModel);
        var options = new RowPickOptions { Count = 10, MaxCandidates = 300 };
        var (before, most) = (0L, 0L);
        RowPicks.Of(model, Stream(1000), options);
        before = GC.GetTotalMemory(forceFullCollection: true);
        RowPicks.Of(model, Stream(10_000), options);
        // 10,000 rows of 2,000 characters are 40 MB, 300 of them 1.2 MB.
        Assert.InRange(most, 1, 15_000_000);

        IEnumerable<Row> Stream(int count)
        {
            for (var i = 0; i < count; i++)
            {
                if (i % 2000 == 1999) most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
                yield return new Row($"my parcel {i} " + new string((char)('a' + i % 26), 2000), "");
            }
        }
    }
}
