using SkTuning.Diagnostics;

namespace SkTuning.Tests.Diagnostics;

/// <summary>The check of labels, on the rows of the embedded task.</summary>
public sealed class LabelCheckTests : IDisposable
{
    private readonly FrozenModel _model = FrozenModel.Load(Fixtures.Tiny, new() { Device = "cpu" });
    private readonly IReadOnlyList<Row> _rows = Splits.KShot(RowFile.Load(Path.Combine(Fixtures.Repository, "assets", "data", "support", "train.tsv")), 12, 1);

    private static readonly string[] Parcels = ["parcel", "box", "courier", "street", "delivery"], Bills = ["card", "bill", "money", "bank", "price"];

    /// <summary>Returns 30 rows of a label, each of three different words.</summary>
    private static IEnumerable<Row> Rows(string label, string[] words)
        => from a in words
           from b in words
           from c in words
           where a != b && b != c && a != c && string.CompareOrdinal(a, c) < 0
           select new Row($"{a} {b} {c}", label);

    public void Dispose() => _model.Dispose();

    [Fact]
    public void Flipped_labels_are_the_most_suspicious_and_listed_with_the_right_ones()
    {
        int[] wrong = [5, 22, 41];
        List<Row> clean = [.. Rows("delivery", Parcels), .. Rows("payment", Bills)];
        List<Row> rows = [.. clean.Select((r, i) => wrong.Contains(i) ? r with { Label = r.Label == "delivery" ? "payment" : "delivery" } : r)];
        var options = new TextClassifierOptions { Head = new SemanticHeadOptions { FeatureScale = 10 } };
        var check = LabelCheck.Of(_model, rows, options);
        Assert.Equal(wrong, check.Ranking.Take(wrong.Length).Order());
        Assert.Equal(rows.Count, check.Ranking.Distinct().Count());
        Assert.Equal(wrong, check.Issues.Take(wrong.Length).Select(i => i.Index).Order());
        Assert.All(check.Issues.Take(wrong.Length), i => Assert.Equal((clean[i.Index].Label, rows[i.Index]), (i.Suggested, i.Row)));
        Assert.True(LabelCheck.Of(_model, clean, options).Issues.Count < wrong.Length);
    }

    [Fact]
    public void The_same_text_with_another_label_is_a_conflict_and_does_not_predict_itself()
    {
        var other = _rows.First(r => r.Label != _rows[0].Label).Label;
        List<Row> rows = [.. _rows, new(_rows[0].Text.ToUpperInvariant() + " !", other)];
        var check = LabelCheck.Of(_model, rows, new() { Training = new() { Folds = 3 } });
        var conflict = check.Conflicts.First(c => c.OtherIndex == rows.Count - 1);
        Assert.Equal((0, rows[0], rows[^1]), (conflict.Index, conflict.Row, conflict.Other));
        Assert.Equal(3, check.Folds);
    }

    [Fact]
    public void Labels_with_similar_rows_cannot_be_distinguished_and_are_shown_with_their_descriptions()
    {
        var (one, two) = ("delivery", "parcels");
        List<Row> rows = [.. Rows(one, Parcels).Select((r, i) => i % 2 == 0 ? r with { Label = two } : r), .. Rows("payment", Bills)];
        var check = LabelCheck.Of(_model, rows, new()
        {
            LabelDescriptions = new Dictionary<string, IReadOnlyList<string>> { [one] = ["where a parcel is"], [two] = ["when a parcel arrives", "parcels"] },
        });
        var pair = Assert.Single(check.Confused);
        Assert.Equal((one, two), (pair.Label, pair.Other));
        Assert.InRange(pair.Fraction, 0.2, 1);
        Assert.Equal(["where a parcel is"], pair.Texts);
        Assert.Equal(["when a parcel arrives", "parcels"], pair.OtherTexts);
    }

    [Fact]
    public void More_rows_of_the_label_with_the_fewest_help_most()
    {
        List<Row> rows = [.. _rows.Where((r, i) => r.Label != "warranty" || i % 6 == 0)];
        var check = LabelCheck.Of(_model, rows);
        Assert.Equal("warranty", check.Needs[0].Label);
        Assert.Equal(LabelSet.Of(rows), check.Needs.Select(n => n.Label).Order(StringComparer.Ordinal));
        Assert.All(check.Needs, n => Assert.True(n.Errors.Count == 3 && n.Gain >= 0 && n.MoreRows == (int)Math.Round(rows.Count / 8.0)));
    }

    [Fact]
    public void Rows_that_cannot_be_checked_are_refused()
    {
        Assert.Contains("no rows to check", Refusal([]));
        Assert.Contains("only one label, 'a'", Refusal([new("one", "a"), new("two", "a")]));
        Assert.Contains("the labels 'a', 'b'", Refusal([new("one", ["a", "b"]), new("two", "a")]));
        Assert.Contains("the same text", Refusal([new("one", "a"), new("One", "b")]));
        Assert.Contains("linear", Refusal([new("one", "a"), new("two", "b")], new() { Head = new LinearHeadOptions() }));

        string Refusal(IReadOnlyList<Row> rows, TextClassifierOptions? options = null)
            => Assert.Throws<SkTuningException>(() => LabelCheck.Of(_model, rows, options)).Message;
    }
}
