using SkTuning.Batches;
using SkTuning.Tests.Classifiers;
using SkTuning.Training;
using static TorchSharp.torch;

namespace SkTuning.Tests.Training;

/// <summary>The search for a prompt: its edits, its strategies against known scores, its caution, and a whole search on the embedded model.</summary>
public sealed class PromptSearchTests(TrainedOnTiny tiny) : IClassFixture<TrainedOnTiny>
{
    private static readonly string[] Pool = ["B.", "C.", "D."];

    /// <summary>Two rows whose mean margin is larger with C and with B before A, smaller with D and with each further phrase.</summary>
    private static double[] Known(string prompt)
    {
        string[] phrases = [.. PromptPhrases.Split(prompt)];
        var score = (phrases.Contains("C.") ? 3 : 0) + (phrases.Contains("D.") ? -2 : 0) - 0.1 * phrases.Length
            + (Array.IndexOf(phrases, "B.") is >= 0 and var b && b < Array.IndexOf(phrases, "A.") ? 1 : 0);
        return [score - 0.5, score + 0.5];
    }

    private static List<(string Prompt, double[] Margins)> Searched(TextSearchStrategy strategy, int candidates, Func<string, double[]?>? margins = null)
    {
        var options = new PromptSearchOptions { Strategy = strategy, Candidates = candidates };
        var searcher = new TextSearcher<PhrasedPrompt>(options, new PromptSpace(Pool, "Phrases"), p => (margins ?? Known)(p.Text));
        searcher.Run(PhrasedPrompt.Of("A. D."));
        return [.. searcher.Tried.Select(t => (t.Candidate.Text, t.Margins))];
    }

    [Fact]
    public void A_prompt_is_divided_after_sentences_and_colons_and_joined_again()
    {
        const string prompt = "Read it. Is it about v3.5 or 12:30? Labels: a, b\nAnswer:";
        Assert.Equal(["Read it.", "Is it about v3.5 or 12:30?", "Labels:", "a, b", "Answer:"], PromptPhrases.Split(prompt));
        Assert.Equal(prompt.Replace('\n', ' '), PromptPhrases.Join(PromptPhrases.Split(prompt)));
        Assert.Empty(PromptPhrases.Split("  "));
    }

    [Fact]
    public void Edits_leave_one_phrase_out_swap_two_or_add_one()
    {
        var edits = PromptPhrases.Edits(["A.", "B.", "C."], ["B.", "D.", "E."]).Select(e => PromptPhrases.Join(e.Phrases)).ToList();
        Assert.Equal(3 + 3 + 2 * 4, edits.Count);
        Assert.Equal(edits.Count, edits.Distinct().Count());
        Assert.Contains("A. C.", edits);
        Assert.Contains("C. B. A.", edits);
        Assert.Contains("A. B. C. E.", edits);
        Assert.Equal(3 + 6 + 6, PromptPhrases.All(["A.", "B.", "C."]).Select(PromptPhrases.Join).Distinct().Count());
        Assert.DoesNotContain("", PromptPhrases.Edits(["A."], []).Select(e => PromptPhrases.Join(e.Phrases)));
    }

    [Theory, InlineData(TextSearchStrategy.Greedy), InlineData(TextSearchStrategy.Bandit)]
    public void The_best_prompt_of_all_is_found(TextSearchStrategy strategy)
    {
        string Best(List<(string Prompt, double[] Margins)> of) => of.MaxBy(t => t.Margins.Average()).Prompt;
        var all = Searched(TextSearchStrategy.Exhaustive, 64);
        Assert.Equal(4 + 12 + 24 + 24, all.Count);
        Assert.Contains(Best(all), (string[])["B. A. C.", "B. C. A.", "C. B. A."]);
        Assert.Equal(Known(Best(all)), Known(Best(Searched(strategy, 60))));
    }

    [Theory, InlineData(TextSearchStrategy.Greedy, 7), InlineData(TextSearchStrategy.Bandit, 7), InlineData(TextSearchStrategy.Exhaustive, 63)]
    public void No_more_prompts_are_tried_than_allowed_and_the_written_one_is_first(TextSearchStrategy strategy, int candidates)
    {
        var tried = Searched(strategy, candidates).Select(t => t.Prompt).ToList();
        Assert.Equal(candidates + 1, tried.Count);
        Assert.Equal("A. D.", tried[0]);
        Assert.Equal(tried.Count, tried.Distinct().Count());
        Assert.Equal(tried, Searched(strategy, candidates).Select(t => t.Prompt));
        if (strategy == TextSearchStrategy.Exhaustive)
            Assert.Contains("Candidates", Assert.Throws<SkTuningException>(() => Searched(strategy, candidates - 1)).Message);
    }

    [Fact]
    public void A_prompt_that_cannot_be_read_is_no_candidate()
    {
        var tried = Searched(TextSearchStrategy.Greedy, 20, p => p.Contains('C') ? null : Known(p));
        Assert.DoesNotContain(tried, t => t.Prompt.Contains('C'));
        Assert.Equal("B. A.", tried.MaxBy(t => t.Margins.Average()).Prompt);
    }

    [Fact]
    public void The_best_of_many_equal_prompts_is_not_taken_for_better()
    {
        double[] written = [0, 0, 0, 0];
        // A mean of 1 with a standard error of 0.408: 2.45 of them. √(2 ln 10) is 2.15, √(2 ln 100) is 3.03.
        double[] other = [0, 1, 1, 2];
        Assert.True(MarginTest.IsMoreThanChance(other, written, 10));
        Assert.False(MarginTest.IsMoreThanChance(other, written, 100));
        Assert.False(MarginTest.IsMoreThanChance(written, written, 10));
        Assert.False(MarginTest.IsMoreThanChance(written, other, 2));
    }

    [Fact]
    public void Margins_are_weighted_and_do_not_depend_on_the_scale_of_the_scores()
    {
        using var scope = NewDisposeScope();
        var scores = tensor(new[] { 3.0, 1, 1, 3, 0, 0 }).reshape(3, 2);
        EncodedRow[] rows = [.. ((int[])[0, 0, 1]).Select(c => new EncodedRow([1]) { Classes = [c] })];
        // The squares of the six distances from the rows' means are 1, 1, 1, 1, 0, 0.
        var spread = Math.Sqrt(4 / 6.0);
        Assert.Equal([2 * 2 / spread, -2 * 1.8 / spread, 0], HeadMargins.Scaled(scores, rows), (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(HeadMargins.Scaled(scores, rows), HeadMargins.Scaled(scores * 7, rows), (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void A_search_measures_what_a_training_starts_from()
    {
        using var session = new TrainingSession(tiny.Model);
        var search = new PromptSearchOptions { Candidates = 3, Phrases = ["Topics are {labels}."] };
        var found = session.FindPrompt(tiny.Rows, TrainedOnTiny.Options(), search);
        Assert.Equal((4, TrainedOnTiny.Prompt, tiny.Rows.Count), (found.Trials.Count, found.Written.Candidate, found.Rows));
        Assert.Equal(found.Trials.Max(t => t.Margin), found.Best.Margin);
        Assert.Contains(found.Trials, t => t.Candidate == TrainedOnTiny.Prompt + " Topics are {labels}.");
        Assert.True(found.Trials.Select(t => t.Margin).Distinct().Count() > 1);
        Assert.Equal(found.Trials, session.FindPrompt(tiny.Rows, TrainedOnTiny.Options(), search).Trials);

        // With dev rows, they are what is measured.
        IReadOnlyList<Row> dev = [.. tiny.Rows.Where((_, i) => i % 3 == 0)], train = [.. tiny.Rows.Where((_, i) => i % 3 != 0)];
        var held = session.FindPrompt(train, TrainedOnTiny.Options() with { Dev = dev }, search);
        Assert.Equal(dev.Count, held.Rows);
        Assert.Equal(Math.Round(held.Written.Accuracy * dev.Count), held.Written.Accuracy * dev.Count, 1e-9);
    }

    [Fact]
    public void What_no_prompt_can_improve_is_refused_by_name()
    {
        using var session = new TrainingSession(tiny.Model);
        var options = TrainedOnTiny.Options();
        string Refusal(TextClassifierOptions of, PromptSearchOptions? search = null)
            => Assert.ThrowsAny<SkTuningException>(() => session.FindPrompt(tiny.Rows, of, search ?? new() { Candidates = 2 })).Message;
        Assert.Contains("lora reads no prompt", Refusal(options with { Method = new LoraOptions() }));
        Assert.Contains("sk-memory starts from the model without the prompt", Refusal(options with { Method = new SkMemoryOptions() }));
        Assert.Contains("head linear", Refusal(options with { Head = new LinearHeadOptions() }));
        Assert.Contains("Prompt is empty", Refusal(options with { Prompt = " " }));
        Assert.Contains("PromptSearchOptions.Candidates is 0", Refusal(options, new() { Candidates = 0 }));
        Assert.Contains("PromptSearchOptions.Phrases", Refusal(options, new() { Phrases = ["x", " "] }));
    }
}
