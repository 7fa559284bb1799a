using SkTuning.Classifiers.SingleLabel;
using SkTuning.Tests.Classifiers;
using SkTuning.Training;
using Texts = System.Collections.Generic.IReadOnlyDictionary<string, System.Collections.Generic.IReadOnlyList<string>>;

namespace SkTuning.Tests.Training;

/// <summary>The search for texts of the labels: its edits, its strategies against known scores, and a whole search on the embedded model.</summary>
public sealed class DescriptionSearchTests(TrainedOnTiny tiny) : IClassFixture<TrainedOnTiny>
{
    private static Texts Of(params (string Label, string[] Texts)[] texts)
        => texts.ToDictionary(t => t.Label, t => (IReadOnlyList<string>)t.Texts, StringComparer.Ordinal);

    private static readonly Texts Written = Of(("x", ["a", "b"]), ("y", ["c"])), Pool = Of(("x", ["a", "b", "d"]), ("y", ["c", "e"]));

    private static string Show(Texts texts) => string.Join(" ", texts.Keys.Order().Select(l => $"{l}:{string.Concat(texts[l].Order())}"));

    /// <summary>Each text has a value of its own, so that one edit after another leads to the best set: d for x and e for y.</summary>
    private static double[] Known(Texts texts)
    {
        var values = new Dictionary<string, double> { ["a"] = -1, ["b"] = -0.5, ["c"] = -2, ["d"] = 2, ["e"] = 1 };
        var sum = texts.Values.SelectMany(t => t).Sum(t => values[t]);
        return [sum - 1, sum + 1];
    }

    private static IReadOnlyList<(Texts Candidate, double[] Margins)> Searched(TextSearchStrategy strategy, int candidates)
    {
        var options = new DescriptionSearchOptions { Strategy = strategy, Candidates = candidates };
        var searcher = new TextSearcher<Texts>(options, new DescriptionSpace(Pool), Known);
        searcher.Run(Written);
        return searcher.Tried;
    }

    [Fact]
    public void Edits_leave_a_text_out_add_one_or_exchange_one_and_each_label_keeps_one()
    {
        string[] edits = [.. new DescriptionSpace(Pool).Edits(Written).Select(e => Show(e.Candidate))];
        Assert.Equal(["x:a y:c", "x:ab y:ce", "x:ab y:e", "x:abd y:c", "x:ad y:c", "x:b y:c", "x:bd y:c"], edits.Order(StringComparer.Ordinal));
        Assert.Equal(new DescriptionSpace(Pool).Key(Of(("x", ["a", "b"]), ("y", ["c"]))), new DescriptionSpace(Pool).Key(Of(("y", ["c"]), ("x", ["b", "a"]))));
        Assert.NotEqual(new DescriptionSpace(Pool).Key(Of(("x", ["a"]), ("y", ["b"]))), new DescriptionSpace(Pool).Key(Of(("x", ["b"]), ("y", ["a"]))));
    }

    [Theory, InlineData(TextSearchStrategy.Greedy), InlineData(TextSearchStrategy.Bandit)]
    public void The_best_texts_of_all_are_found(TextSearchStrategy strategy)
    {
        var all = Searched(TextSearchStrategy.Exhaustive, 20);
        // The subsets of a, b, d and of c, e that are not empty.
        Assert.Equal(7 * 3, all.Select(t => Show(t.Candidate)).Distinct().Count());
        Assert.Equal(21, all.Count);
        Assert.Equal("x:d y:e", Show(all.MaxBy(t => t.Margins.Average()).Candidate));
        Assert.Equal("x:d y:e", Show(Searched(strategy, 20).MaxBy(t => t.Margins.Average()).Candidate));
    }

    [Theory, InlineData(TextSearchStrategy.Greedy), InlineData(TextSearchStrategy.Bandit)]
    public void No_more_sets_are_tried_than_allowed_and_the_seed_decides_which(TextSearchStrategy strategy)
    {
        string[] tried = [.. Searched(strategy, 5).Select(t => Show(t.Candidate))];
        Assert.Equal(6, tried.Distinct().Count());
        Assert.Equal("x:ab y:c", tried[0]);
        Assert.Equal(tried, Searched(strategy, 5).Select(t => Show(t.Candidate)));
        Assert.Contains("RowsPerLabel", Assert.Throws<SkTuningException>(() => Searched(TextSearchStrategy.Exhaustive, 19)).Message);
    }

    [Fact]
    public void A_search_measures_what_a_training_starts_from()
    {
        using var session = new TrainingSession(tiny.Model);
        var (options, search) = (TrainedOnTiny.Options(), new DescriptionSearchOptions { Candidates = 6, RowsPerLabel = 1 });
        var found = session.FindDescriptions(tiny.Rows, options, search);
        var labels = LabelSet.Of(tiny.Rows);
        Assert.Equal(7, found.Trials.Count);
        Assert.Equal(tiny.Rows.Count - labels.Count, found.Rows);
        Assert.All(labels, l => Assert.Equal([AdapterPlan.NameOf(l)], found.Written.Candidate[l]));
        Assert.Contains(found.Trials, t => t.Candidate.Any(c => c.Value.Any(text => tiny.Rows.Any(r => r.Label == c.Key && r.Text == text))));
        Assert.Equal(found.Trials.Max(t => t.Margin), found.Best.Margin);
        Assert.True(found.Trials.Select(t => t.Margin).Distinct().Count() > 1);
        var again = session.FindDescriptions(tiny.Rows, options, search);
        Assert.Equal(found.Trials.Select(t => (Show(t.Candidate), t.Margin)), again.Trials.Select(t => (Show(t.Candidate), t.Margin)));

        // The margin of a candidate is that of a head that was made from it alone.
        IReadOnlyList<Row> dev = [.. tiny.Rows.Where((_, i) => i % 3 == 0)], train = [.. tiny.Rows.Where((_, i) => i % 3 != 0)];
        var held = session.FindDescriptions(train, options with { Dev = dev }, search);
        Assert.Equal(dev.Count, held.Rows);
        using var alone = new TrainingSession(tiny.Model);
        var setup = new SearchSetup(alone.Shared, train, options with { Dev = dev, LabelDescriptions = held.Trials[^1].Candidate }, search);
        using var head = setup.Open(setup.Define(setup.Options), CancellationToken.None);
        Assert.Equal(setup.Margins.Of(head, null, CancellationToken.None).Average(), held.Trials[^1].Margin, 1e-4);
    }

    [Fact]
    public void The_rows_and_each_text_are_read_once_as_long_as_the_texts_are_not_the_prompt()
    {
        using var session = new TrainingSession(tiny.Model);
        Assert.Equal((1, 10), Read(TrainedOnTiny.Options()));
        Assert.Equal((1, 10), Read(TrainedOnTiny.Options() with { Prompt = "", Method = new ProbeOptions() }));
        // With the texts as the prompt, each of the four sets is read anew.
        Assert.Equal((4, 8 + 8 + 9 + 9), Read(TrainedOnTiny.Options() with { Prompt = "" }));

        (int, int) Read(TextClassifierOptions options)
        {
            var setup = new SearchSetup(session.Shared, tiny.Rows, options, new DescriptionSearchOptions());
            using var margins = new DescriptionMargins(d => setup.Open(d, CancellationToken.None), setup.Margins);
            var labels = LabelSet.Of(tiny.Rows);
            var texts = labels.ToDictionary(l => l, l => (IReadOnlyList<string>)[l], StringComparer.Ordinal);
            foreach (var change in (string[][])[[], ["one"], ["one", "two"], ["two", labels[0]]])
            {
                if (change.Length > 0) texts[labels[0]] = change;
                margins.Of(setup.Define(options with { LabelDescriptions = texts }), CancellationToken.None);
            }
            return (margins.RowPasses, margins.TextsRead);
        }
    }

    [Fact]
    public void What_no_text_can_improve_is_refused_by_name()
    {
        using var session = new TrainingSession(tiny.Model);
        var options = TrainedOnTiny.Options();
        string Refusal(TextClassifierOptions of, DescriptionSearchOptions? search = null)
            => Assert.ThrowsAny<SkTuningException>(() => session.FindDescriptions(tiny.Rows, of, search ?? new() { Candidates = 2 })).Message;
        Assert.Contains("The head linear is not fitted to the texts", Refusal(options with { Head = new LinearHeadOptions() }));
        Assert.Contains("The head prototypes is not fitted to the texts", Refusal(options with { Head = new PrototypesHeadOptions() }));
        Assert.Contains("DescriptionSearchOptions.Candidates is 0", Refusal(options, new() { Candidates = 0 }));
        Assert.Contains("DescriptionSearchOptions.RowsPerLabel is 101", Refusal(options, new() { RowsPerLabel = 101 }));
        Assert.Contains("DescriptionSearchOptions.Texts has an entry for 'nothing', expected one of the labels",
            Refusal(options, new() { Texts = Of(("nothing", ["x"])) }));
        Assert.Contains("DescriptionSearchOptions.Texts", Refusal(options, new() { Texts = Of(("returns", [" "])) }));
        Assert.Contains("RowsPerLabel", Refusal(options, new() { RowsPerLabel = 6 }));
    }
}
