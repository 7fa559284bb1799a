using SkTuning.Classifiers.InContext;
using SkTuning.Tests.Heads;

namespace SkTuning.Tests.Classifiers.InContext;

public sealed class InContextClassifierTests
{
    private static readonly InContextOptions Options = new()
    {
        Demonstrations = 3,
        TriedOrders = 6,
        Neighbors = 1,
        Template = WordBase.Cue,
        LabelWords = WordBase.LongWords,
        Prompt = "w7 w8",
    };

    [Theory, InlineData("llama"), InlineData("gpt2")]
    public void Scores_are_those_of_the_words_after_the_prompt_the_demonstrations_and_the_text(string family)
    {
        using var b = new WordBase(family);
        using var classifier = InContextClassifier.Train(b.Model, WordBase.Rows, Options);
        Assert.Equal(classifier.Labels.Order(), classifier.Demonstrations.Select(d => d.Label).Order());
        var predicted = classifier.Predict(WordBase.Rows);
        var orders = classifier.Orders(WordBase.Rows, DemonstrationOrder.Memory);
        foreach (var (i, row) in WordBase.Rows.Index())
        {
            var shown = orders[i].Select(d => classifier.Demonstrations[d]).SelectMany(d => (string[])[Cued(d), WordBase.LongWords[d.Label]]);
            var ids = WordBase.Ids(string.Join(' ', ["w7 w8", .. shown, Cued(row)]));
            double[] likelihoods = [.. classifier.Labels.Select(label => b.Likelihood(ids, WordBase.Ids(WordBase.LongWords[label])))];
            var sum = likelihoods.Sum(Math.Exp);
            foreach (var (label, likelihood) in classifier.Labels.Zip(likelihoods))
                Assert.Equal(Math.Exp(likelihood) / sum, predicted[i].Scores[label], 1e-4);
        }

        static string Cued(Row row) => WordBase.Cue.Replace("{text}", row.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_training_row_gets_the_order_that_was_best_for_it_and_no_other_order_is_better()
    {
        using var b = new WordBase("llama");
        using var classifier = InContextClassifier.Train(b.Model, WordBase.Rows, Options);
        Row[] rows = [.. WordBase.Rows.Where(r => !classifier.Demonstrations.Contains(r))];
        Assert.Equal(rows.Length, classifier.MemoryCount);
        var learned = classifier.Predict(rows);
        foreach (var other in Enum.GetValues<DemonstrationOrder>())
            foreach (var (row, mine, its) in rows.Zip(learned, classifier.Predict(rows, other)))
                Assert.True(mine.Scores[row.Label] >= its.Scores[row.Label] - 1e-5, $"{other}: {mine.Scores[row.Label]} < {its.Scores[row.Label]}");
    }

    [Theory, InlineData(DemonstrationOrder.Memory), InlineData(DemonstrationOrder.Random), InlineData(DemonstrationOrder.BestStatic)]
    public void A_prediction_does_not_depend_on_the_texts_beside_it(DemonstrationOrder order)
    {
        using var b = new WordBase("llama");
        using var classifier = InContextClassifier.Train(b.Model, WordBase.Rows, Options with { Order = order });
        var together = classifier.Predict(WordBase.Rows);
        foreach (var (row, expected) in WordBase.Rows.Zip(together))
            foreach (var label in classifier.Labels) Assert.Equal(expected.Scores[label], classifier.Predict([row])[0].Scores[label], 1e-5);
    }

    [Fact]
    public void It_is_saved_with_its_memory_as_an_adapter_that_everything_can_load()
    {
        using var folder = new TemporaryFolder();
        using var b = new WordBase("llama");
        using var classifier = InContextClassifier.Train(b.Model, WordBase.Rows, Options);
        classifier.Save(folder["a"]);
        using (var again = InContextClassifier.Load(folder["a"], b.Model))
        {
            Assert.Equal(classifier.MemoryCount, again.MemoryCount);
            Assert.Equal(classifier.Labels, again.Labels);
            Assert.Equal(classifier.Demonstrations, again.Demonstrations);
            foreach (var order in Enum.GetValues<DemonstrationOrder>())
                Assert.Equal(classifier.Orders(WordBase.Rows, order), again.Orders(WordBase.Rows, order));
            Assert.Equal(classifier.Predict(WordBase.Rows).Select(p => p.Confidence), again.Predict(WordBase.Rows).Select(p => p.Confidence));
        }
        using (var adapter = TextClassifier.Load(folder["a"], b.Model))
        {
            Assert.Equal("zero-shot", adapter.Method);
            var predicted = classifier.Predict(WordBase.Rows, DemonstrationOrder.BestStatic);
            Assert.Equal(predicted.Select(p => p.Label), adapter.Predict(WordBase.Rows).Select(p => p.Label));
        }
        var file = Path.Combine(folder["a"], OrderFile.Name);
        var json = File.ReadAllText(file);
        foreach (var (from, to, named) in (IEnumerable<(string, string, string)>)[("\"bestStatic\":[", "\"bestStatic\":[9,", "bestStatic"),
            ("\"neighbors\":1", "\"neighbors\":0", "Neighbors"), ("\"memory\":[", "\"memory\":[1,", "memory"),
            ("\"memory\":[", "\"memory\":[null,", "memory"), ("\"demonstrations\":[", "\"demonstrations\":[null,", "demonstrations"),
            ("\"label\":\"good\"", "\"label\":\"unknown\"", "unknown"), ("\"center\":\"", "\"center\":\"AAAA", "center"),
            ("\"state\":\"", "\"state\":\"AAAA", "memory"), ("{", "", "JSON")])
        {
            var damaged = json.Replace(from, to, StringComparison.Ordinal);
            Assert.NotEqual(json, damaged);
            File.WriteAllText(file, damaged);
            Assert.Contains(named, Assert.ThrowsAny<SkTuningException>(() => InContextClassifier.Load(folder["a"], b.Model)).Message);
        }
        File.WriteAllText(file, json);
        using var other = new WordBase("gpt2");
        Assert.ThrowsAny<SkTuningException>(() => InContextClassifier.Load(folder["a"], other.Model));
    }

    [Fact]
    public void Rows_are_added_to_the_memory_and_forgotten()
    {
        using var b = new WordBase("llama");
        using var classifier = InContextClassifier.Train(b.Model, WordBase.Rows, Options with { MemoryLimit = 10 });
        Assert.Equal(9, classifier.MemoryCount);
        Row[] further = [new("w30 w31", "good"), new("w33", "bad")];
        classifier.Add(further);
        Assert.Equal(10, classifier.MemoryCount);
        Assert.True(classifier.Forget(further[1]));
        Assert.False(classifier.Forget(further[1]));
        Assert.Equal(9, classifier.MemoryCount);
        Assert.Contains("'great'", Assert.ThrowsAny<SkTuningException>(() => classifier.Add([new("w30", "great")])).Message);
    }

    [Fact]
    public void What_cannot_be_classified_in_context_is_refused_by_name()
    {
        using var b = new WordBase("llama");
        Refused("InContextOptions.Demonstrations is 7", Options with { Demonstrations = 7 });
        Refused("InContextOptions.TriedOrders is 0", Options with { TriedOrders = 0 });
        Refused("InContextOptions.Neighbors is 0", Options with { Neighbors = 0 });
        Refused("InContextOptions.MemoryLimit is 0", Options with { MemoryLimit = 0 });
        Refused("no room for text", Options with { Prompt = string.Join(' ', Enumerable.Repeat("w7", 60)) });
        Assert.Contains("more rows", Assert.ThrowsAny<SkTuningException>(() => InContextClassifier.Train(b.Model, WordBase.Rows.Take(3), Options)).Message);
        using var bert = new WordBase("bert", "mlm");
        Assert.Contains("causal model", Assert.ThrowsAny<SkTuningException>(() => InContextClassifier.Train(bert.Model, WordBase.Rows, Options)).Message);

        void Refused(string named, InContextOptions options)
            => Assert.Contains(named, Assert.ThrowsAny<SkTuningException>(() => InContextClassifier.Train(b.Model, WordBase.Rows, options)).Message);
    }
}
