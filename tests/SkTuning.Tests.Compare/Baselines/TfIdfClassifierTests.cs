using SkTuning.Baselines;
using SkTuning.Metrics;

namespace SkTuning.Tests.Baselines;

public sealed class TfIdfClassifierTests(ITestOutputHelper output)
{
    private static readonly Row[] Small =
    [
        new("My parcel is late!", "delivery"), new("where is my order", "delivery"), new("the package never arrived", "delivery"),
        new("I forgot my password", "account"), new("cannot log in to my account", "account"), new("reset the password, please", "account"),
        new("you charged me twice", "payment"), new("the card was charged wrongly", "payment"),
    ];

    // With these rows, scikit-learn's TfidfVectorizer and LogisticRegression reach 0.737 on sst2 and 0.840 on trec6.
    [Theory]
    [InlineData("sst2", "dev", 0.73)]
    [InlineData("trec6", "test", 0.84)]
    public void It_is_as_good_as_scikit_learn(string set, string split, double atLeast)
    {
        var folder = Path.Combine(Fixtures.Shared, "data", set);
        Fixtures.SkipWithout(folder);
        var classifier = TfIdfClassifier.Train(RowFile.Load(Path.Combine(folder, "train.tsv"), new() { Limit = 2000 }));
        var test = RowFile.Load(Path.Combine(folder, split + ".tsv"));
        var report = ClassificationReport.Of(test.Select(r => r.Label).ToArray(), classifier.Predict(test).Select(p => p.Label).ToArray());
        output.WriteLine($"{set}: {report.Accuracy:F4}, {classifier.Parameters:N0} parameters\n{report}");
        Assert.True(report.Accuracy >= atLeast, $"{report.Accuracy:F4}");
    }

    [Fact]
    public void The_same_rows_give_the_same_classifier()
    {
        var (first, second) = (TfIdfClassifier.Train(Small), TfIdfClassifier.Train(Small));
        Assert.Equal(["account", "delivery", "payment"], first.Labels);
        string[] texts = ["Is my parcel late?", "PASSWORD", "", "unseen words only 🙂"];
        foreach (var (a, b) in first.Predict(texts).Zip(second.Predict(texts)))
        {
            Assert.Equal(a.Scores, b.Scores);
            Assert.Equal(1, a.Scores.Sum(), 1e-5);
            Assert.Equal(a.Scores.Max(), a.Confidence);
            Assert.Equal(first.Labels[a.Scores.ToList().IndexOf(a.Confidence)], a.Label);
        }
        Assert.Equal(["delivery", "account"], first.Predict(texts).Take(2).Select(p => p.Label));
        Assert.Equal(first.Predict(texts)[0].Scores, first.Predict(texts[..1])[0].Scores);
        Assert.Empty(first.Predict(Array.Empty<string>()));
        Assert.Equal((58 + 1) * 3, first.Parameters);   // 58 different words and pairs of words, and a bias
        // Every word has a weight: the penalty is that of squares. A penalty of sizes would leave the words of so few rows without any.
        var words = first.Predict(["parcel", "order", "package", "arrived", "unseen"]).Select(p => p.Scores[1]).ToList();
        Assert.All(words[..^1], score => Assert.True(score > words[^1] + 0.01));
    }

    [Fact]
    public void Case_and_attached_punctuation_do_not_matter()
    {
        var classifier = TfIdfClassifier.Train(Small);
        var predictions = classifier.Predict(["Where is my parcel ?", "where is my parcel?", "WHERE  IS\tMY PARCEL?"]);
        Assert.Equal(predictions[0].Scores, predictions[1].Scores);
        Assert.Equal(predictions[0].Scores, predictions[2].Scores);
    }

    [Fact]
    public void The_second_text_of_a_pair_has_its_own_words()
    {
        Row[] rows = [new("cat", "forward") { Text2 = "dog" }, new("dog", "backward") { Text2 = "cat" }];
        var classifier = TfIdfClassifier.Train(rows);
        Assert.Equal(["forward", "backward"], classifier.Predict(rows).Select(p => p.Label));
    }

    [Fact]
    public void Scripts_without_spaces_are_read_by_character()
    {
        Row[] rows = [new("包裹还没有到", "delivery"), new("密码忘记了", "account")];
        Assert.Equal(["delivery", "account"], TfIdfClassifier.Train(rows).Predict(["我的包裹呢", "重设密码"]).Select(p => p.Label));
    }

    [Fact]
    public void Unusable_training_rows_are_an_error()
    {
        Assert.Equal("TF-IDF: the number of labels is 1, expected at least 2 (training rows: 1).",
            Assert.ThrowsAny<SkTuningException>(() => TfIdfClassifier.Train([new("a", "x")])).Message);
        Assert.Equal("TF-IDF: all texts are empty, expected at least one word.",
            Assert.ThrowsAny<SkTuningException>(() => TfIdfClassifier.Train([new("", "x"), new(" ", "y")])).Message);
    }

    [Fact]
    public void The_majority_class_is_the_most_frequent_label_or_the_first_of_several()
    {
        var majority = MajorityClass.Train(Small);
        Assert.Equal("account", majority.Label);
        Assert.Equal(3.0 / 8, majority.Share);
        Assert.Equal(["account", "account"], majority.Predict(2));
        Assert.ThrowsAny<SkTuningException>(() => MajorityClass.Train([]));
    }
}
