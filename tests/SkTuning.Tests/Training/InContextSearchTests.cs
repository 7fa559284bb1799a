using SkTuning.Tests.Heads;
using SkTuning.Training;

namespace SkTuning.Tests.Training;

/// <summary>The search for an in-context prompt: its edits, its strategies against known rewards, and its reward against the model's own scores.</summary>
public sealed class InContextSearchTests
{
    private static readonly string[] Phrases = ["B.", "C."];
    private static readonly string[][] Words = [["good", "great"], ["bad"]];
    private static readonly InContextCandidate Written = new(PhrasedPrompt.Of("A."), [0, 1], ["good", "bad"]);

    private static InContextSpace Space(int pool = 3) => new(Phrases, pool, 2, Words);

    private static string Show(InContextCandidate c) => $"{c.Instruction.Text} {string.Concat(c.Shown)} {string.Join(",", c.Words)}";

    /// <summary>A sum of values of phrases, of demonstrations at their places, and of words. The best has C. alone, the rows 2 and 1, and great.</summary>
    private static double[] Known(InContextCandidate c)
    {
        var sum = c.Instruction.Phrases.Sum(p => p == "C." ? 3 : p == "A." ? -1 : -2) + (c.Words[0] == "great" ? 2 : 0)
            + c.Shown.Index().Sum(s => s.Item == 2 ? (s.Index == 0 ? 4 : 2) : s.Item == 1 ? 1 : -1);
        return [sum - 1, sum + 1];
    }

    private static IReadOnlyList<(InContextCandidate Candidate, double[] Margins)> Searched(TextSearchStrategy strategy, int candidates, ulong seed = 1)
    {
        var search = new InContextSearchOptions { Strategy = strategy, Candidates = candidates, Seed = seed };
        var searcher = new TextSearcher<InContextCandidate>(search, Space(), Known);
        searcher.Run(Written);
        return searcher.Tried;
    }

    [Fact]
    public void Edits_change_phrases_demonstrations_or_one_word()
    {
        string[] edits = [.. Space().Edits(Written).Select(e => Show(e.Candidate)).Order(StringComparer.Ordinal)];
        string[] expected =
        [
            "A. B. 01 good,bad", "B. A. 01 good,bad", "A. C. 01 good,bad", "C. A. 01 good,bad",
            "A. 0 good,bad", "A. 1 good,bad", "A. 10 good,bad", "A. 21 good,bad", "A. 02 good,bad",
            "A. 01 great,bad",
        ];
        Assert.Equal(expected.Order(StringComparer.Ordinal), edits);
        Assert.Contains("A. 02 good,bad", Space().Edits(Written with { Shown = [0] }).Select(e => Show(e.Candidate)));
        // A word stands for one label only.
        Assert.DoesNotContain(new InContextSpace([], 0, 0, [["x", "y"], ["x", "y"]]).Edits(new(PhrasedPrompt.Of(""), [], ["x", "y"])), e => true);
    }

    [Theory, InlineData(TextSearchStrategy.Greedy), InlineData(TextSearchStrategy.Bandit)]
    public void Where_the_reward_is_separable_the_best_of_all_is_found(TextSearchStrategy strategy)
    {
        // 3 + 6 + 6 instructions, 1 + 3 + 6 rows in order, 2 words.
        var all = Searched(TextSearchStrategy.Exhaustive, 300);
        Assert.Equal(15 * 10 * 2, all.Count);
        Assert.Equal(300, all.Select(t => Show(t.Candidate)).Distinct().Count());
        Assert.Equal("C. 21 great,bad", Show(all.MaxBy(t => t.Margins.Average()).Candidate));
        Assert.Equal("C. 21 great,bad", Show(Searched(strategy, 200).MaxBy(t => t.Margins.Average()).Candidate));
    }

    [Theory, InlineData(TextSearchStrategy.Greedy), InlineData(TextSearchStrategy.Bandit)]
    public void The_budget_is_kept_and_the_seed_decides(TextSearchStrategy strategy)
    {
        string[] Tried(ulong seed) => [.. Searched(strategy, 6, seed).Select(t => Show(t.Candidate))];
        Assert.Equal(7, Tried(1).Distinct().Count());
        Assert.Equal("A. 01 good,bad", Tried(1)[0]);
        Assert.Equal(Tried(1), Tried(1));
        Assert.Contains(Enumerable.Range(2, 10), seed => !Tried((ulong)seed).SequenceEqual(Tried(1)));
        Assert.Contains("InContextSearchOptions.Pool", Assert.Throws<SkTuningException>(() => Searched(TextSearchStrategy.Exhaustive, 298)).Message);
    }

    [Fact]
    public void Without_an_instruction_all_candidates_include_none()
        => Assert.Equal(["", "B."], new InContextSpace(["B."], 0, 0, [["x"]]).All(new(PhrasedPrompt.Of(""), [], ["x"])).Select(c => c.Instruction.Text));

    private static readonly Dictionary<string, IReadOnlyList<string>> Others = new() { ["good"] = ["w70"], ["bad"] = ["w71 w72"] };

    [Theory, InlineData("llama"), InlineData("gpt2")]
    public void The_reward_is_the_margin_of_the_log_probabilities_of_the_words(string family)
    {
        using var b = new WordBase(family);
        using var session = new TrainingSession(b.Model);
        IReadOnlyList<Row> train = [.. WordBase.Rows.Take(6)], dev = [.. WordBase.Rows.Skip(6)];
        var options = b.Options(new ZeroShotOptions(), new LikelihoodHeadOptions()) with { Prompt = "w7 w8", Dev = dev };
        var found = session.FindInContext(train, options, new()
        {
            Candidates = 30, Strategy = TextSearchStrategy.Bandit, Phrases = ["w9 w10"], Demonstrations = 2, Pool = 4, LabelWords = Others,
        });
        Assert.Equal(6, found.Rows);
        Assert.InRange(found.Trials.Count, 10, 31);
        Assert.Equal(2, found.Written.Candidate.Demonstrations.Count);
        Assert.Contains(found.Trials, t => t.Candidate.LabelWords.Values.Contains("w70"));
        Assert.Contains(found.Trials, t => t.Candidate.Instruction.Contains("w9 w10", StringComparison.Ordinal));
        foreach (var trial in found.Trials)
        {
            var (candidate, words) = (trial.Candidate, trial.Candidate.LabelWords);
            var shown = candidate.Demonstrations.SelectMany(d => (string[])[Cued(d), words[d.Label]]);
            double[] margins = [.. dev.Select(row =>
            {
                var ids = WordBase.Ids(string.Join(' ', [candidate.Instruction, .. shown, Cued(row)]));
                var own = b.Likelihood(ids, WordBase.Ids(words[row.Label]));
                var margin = own - words.Where(w => w.Key != row.Label).Max(w => b.Likelihood(ids, WordBase.Ids(w.Value)));
                return margin * (margin > 0 ? 2.0 : 1.8);
            })];
            Assert.Equal(margins.Average(), trial.Margin, 1e-3);
            Assert.Equal(margins.Count(m => m > 0) / 6.0, trial.Accuracy, 1e-9);
        }

        // The chosen prompt is an ordinary adapter.
        using var classifier = TextClassifier.Train(b.Model, train, found.Best.Candidate.ApplyTo(options));
        Assert.Equal(found.Best.Accuracy, classifier.Evaluate(dev).Accuracy, 1e-9);

        static string Cued(Row row) => WordBase.Cue.Replace("{text}", row.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_masked_model_gets_instructions_and_words_but_no_demonstrations()
    {
        using var b = new WordBase("roberta", "mlm");
        using var session = new TrainingSession(b.Model);
        var options = b.Options(new ZeroShotOptions(), new LabelWordsHeadOptions()) with { Prompt = "w7 w8", Dev = null };
        var found = session.FindInContext(WordBase.Rows, options, new()
        {
            Candidates = 20, Phrases = ["w9"], LabelWords = new Dictionary<string, IReadOnlyList<string>> { ["good"] = ["w70", "w5 w6"] },
        });
        // Two words are no word for the mask: such candidates are not tried.
        Assert.Equal(12, found.Rows);
        Assert.All(found.Trials, t => Assert.Empty(t.Candidate.Demonstrations));
        Assert.Contains(found.Trials, t => t.Candidate.LabelWords["good"] == "w70");
        Assert.DoesNotContain(found.Trials, t => t.Candidate.LabelWords["good"] == "w5 w6");
        Assert.Contains("demonstrations need a causal model",
            Assert.Throws<SkTuningException>(() => session.FindInContext(WordBase.Rows, options, new() { Demonstrations = 1 })).Message);
    }

    [Fact]
    public void Without_dev_rows_candidates_are_tried_on_the_rows_that_are_no_demonstrations()
    {
        using var b = new WordBase("llama");
        using var session = new TrainingSession(b.Model);
        var options = b.Options(new ZeroShotOptions(), new LikelihoodHeadOptions()) with { Dev = null };
        var found = session.FindInContext(WordBase.Rows, options, new() { Candidates = 3, Phrases = [], Pool = 5 });
        Assert.Equal(7, found.Rows);
        Assert.Equal(4, found.Written.Candidate.Demonstrations.Count);
        Assert.Equal(3, found.Written.Candidate.Demonstrations.Take(3).Select(d => d.Label).Distinct().Count());
        // As many as the method says for each label, and at most half of the rows.
        Assert.Equal(6, session.FindInContext(WordBase.Rows, options with { Method = new ZeroShotOptions { Demonstrations = 3 } },
            new() { Candidates = 1, Phrases = [] }).Written.Candidate.Demonstrations.Count);
    }

    [Fact]
    public void Common_labels_have_words_of_the_same_meaning()
    {
        Assert.Equal(["positive", "good", "great"], CommonWords.Of("Great"));
        Assert.Empty(CommonWords.Of("returns"));
    }

    [Fact]
    public void What_cannot_be_searched_is_refused_by_name()
    {
        using var b = new WordBase("llama");
        using var session = new TrainingSession(b.Model);
        var options = b.Options(new ZeroShotOptions(), new LikelihoodHeadOptions());
        string Refusal(TextClassifierOptions of, InContextSearchOptions? search = null)
            => Assert.ThrowsAny<SkTuningException>(() => session.FindInContext(WordBase.Rows, of, search ?? new())).Message;
        Assert.Contains("The method lora is trained", Refusal(options with { Method = new LoraOptions() }));
        Assert.Contains("InContextSearchOptions.Pool is 0", Refusal(options, new() { Pool = 0 }));
        Assert.Contains("InContextSearchOptions.Demonstrations is 101", Refusal(options, new() { Demonstrations = 101 }));
        Assert.Contains("InContextSearchOptions.LabelWords has an entry for 'x'",
            Refusal(options, new() { LabelWords = new Dictionary<string, IReadOnlyList<string>> { ["x"] = ["w70"] } }));
        Assert.Contains("all of them can be demonstrations", Refusal(options with { Dev = WordBase.Rows }));
    }
}
