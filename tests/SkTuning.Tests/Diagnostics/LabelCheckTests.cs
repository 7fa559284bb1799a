using SkTuning.Diagnostics;
using SkTuning.Reports;

namespace SkTuning.Tests.Diagnostics;

/// <summary>The check of labels, on the rows of the embedded task.</summary>
public sealed class LabelCheckTests : IDisposable
{
    private readonly FrozenModel _model = FrozenModel.Load(Fixtures.Tiny, new() { Device = "cpu" });
    private readonly IReadOnlyList<Row> _rows = Splits.KShot(RowFile.Load(Path.Combine(Fixtures.Repository, "assets", "data", "support", "train.tsv")), 12, 1);

    public void Dispose() => _model.Dispose();

    [Fact]
    public void Flipped_labels_are_among_the_most_suspicious()
    {
        var labels = LabelSet.Of(_rows);
        int[] wrong = [5, 29, 51, 77];
        List<Row> rows = [.. _rows.Select((r, i) => wrong.Contains(i) ? r with { Label = labels[(labels.IndexOf(r.Label) + 3) % labels.Count] } : r)];
        var check = LabelCheck.Of(_model, rows);
        Assert.Equal(rows.Count, check.Ranking.Distinct().Count());
        Assert.True(check.Ranking.Take(12).Count(wrong.Contains) >= 3, $"the most suspicious rows: {string.Join(' ', check.Ranking.Take(12))}");
        Assert.All(check.Issues, i => Assert.True(i.Suggested != i.Row.Label && i.Row == rows[i.Index]));
        Assert.Contains(check.Issues, i => wrong.Contains(i.Index) && i.Suggested == _rows[i.Index].Label);
        Assert.InRange(check.Accuracy, 0.3, 1);
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
    public void Labels_with_the_same_rows_cannot_be_told_apart_and_are_shown_with_their_descriptions()
    {
        var (one, two) = ("delivery", "parcels");
        List<Row> rows = [.. _rows.Select((r, i) => r.Label == one && i % 2 == 0 ? r with { Label = two } : r)];
        var check = LabelCheck.Of(_model, rows, new()
        {
            LabelDescriptions = new Dictionary<string, IReadOnlyList<string>> { [one] = ["where a parcel is"], [two] = ["when a parcel arrives", "parcels"] },
        });
        var pair = Assert.Single(check.Confused, c => (c.Label, c.Other) == (one, two));
        Assert.InRange(pair.Fraction, 0.25, 1);
        Assert.Equal(["where a parcel is"], pair.Texts);
        Assert.Equal(["when a parcel arrives", "parcels"], pair.OtherTexts);
        Assert.Equal(check.Confused.Select(c => c.Fraction).OrderDescending(), check.Confused.Select(c => c.Fraction));
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
    public void The_report_page_contains_the_texts_encoded()
    {
        var other = _rows.First(r => r.Label != _rows[0].Label).Label;
        var check = LabelCheck.Of(_model, [.. _rows, new("<b>my parcel</b>", _rows[0].Label), new("<b>my parcel</b>", other)]);
        var html = HtmlReport.OfLabelCheck(check, "a <file>").Html;
        Assert.Contains("Labels of a &lt;file&gt;", html);
        Assert.Contains("&lt;b&gt;my parcel&lt;/b&gt;", html);
        Assert.DoesNotContain("<b>my", html);
        Assert.Empty(new Reports.AccessiblePage(html).Faults);
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
