using SkTuning.Tests.Heads;

namespace SkTuning.Tests.Classifiers;

public sealed class AnswerRankerTests
{
    [Theory, InlineData("llama"), InlineData("gpt2")]
    public void Answers_are_ranked_by_their_mean_log_probability(string family)
    {
        using var b = new WordBase(family);
        string[] answers = ["w40 w41", "w50", "w40 w42 w43", "w60 w61"];
        var ranked = AnswerRanker.Rank(b.Model, "w20 w21 w22", answers);
        Assert.Equal(ranked.OrderByDescending(a => a.Score), ranked);
        Assert.Equal(answers.Order(), ranked.Select(a => a.Text).Order());
        foreach (var answer in ranked)
        {
            Assert.Equal(b.Likelihood([20, 21, 22], WordBase.Ids(answer.Text)), answer.Score, 1e-5);
            Assert.Equal(WordBase.Ids(answer.Text).Length, answer.Tokens);
        }
    }

    [Fact]
    public void What_cannot_be_ranked_is_refused_by_name()
    {
        using var b = new WordBase("llama");
        Refused("no answers", []);
        Refused("'w5' occurs twice", ["w5", "w6", "w5"]);
        Refused("not empty", ["w5", ""]);
        Refused("'unheard'", ["unheard"]);
        Refused("the model reads 64", [string.Join(' ', Enumerable.Repeat("w5", 70))]);
        using var bert = new WordBase("bert", "mlm");
        Assert.Contains("encoder", Assert.ThrowsAny<SkTuningException>(() => AnswerRanker.Rank(bert.Model, "w5", ["w6"])).Message);

        void Refused(string named, string[] answers)
            => Assert.Contains(named, Assert.ThrowsAny<SkTuningException>(() => AnswerRanker.Rank(b.Model, "w20", answers)).Message);
    }
}
