using SkTuning.Heads;
using static TorchSharp.torch;

namespace SkTuning.Tests.Heads;

/// <summary>
/// The losses of T-Few by hand. There are two answers: one token with p = 1/2, and two tokens with 1/4 and 1/2. Their mean log-probabilities are ln 1/2 and
/// ln √(1/8); the first row is right with the first answer and the second with the second.
/// </summary>
public sealed class LikelihoodLossesTests
{
    private const double First = -0.693147, Second = -1.039721;

    [Fact]
    public void The_right_answers_loss_is_the_mean_of_its_tokens_and_then_of_the_rows()
    {
        using var scope = NewDisposeScope();
        var means = tensor((float[])[(float)First, (float)Second, (float)First, (float)Second]).view(2, 2);
        Assert.Equal(-First, LikelihoodLosses.OfRight(means.narrow(0, 0, 1), tensor((long[])[0])).item<float>(), 1e-5);
        Assert.Equal(-(First + Second) / 2, LikelihoodLosses.OfRight(means, tensor((long[])[0, 1])).item<float>(), 1e-5);
    }

    [Fact]
    public void Unlikelihood_is_the_mean_over_all_tokens_of_the_wrong_answers()
    {
        using var scope = NewDisposeScope();
        var (tokens, owners) = (tensor((float[])[0.5f, 0.25f, 0.5f]).log().unsqueeze(0), tensor((long[])[0, 1, 1]));
        // -(ln 3/4 + ln 1/2) / 2, and -ln 1/2
        Assert.Equal(0.490415, LikelihoodLosses.OfWrong(tokens, owners, tensor((long[])[0])).item<float>(), 1e-5);
        Assert.Equal(0.693147, LikelihoodLosses.OfWrong(tokens, owners, tensor((long[])[1])).item<float>(), 1e-5);
        Assert.Equal((0.490415 + 0.693147) / 2, LikelihoodLosses.OfWrong(cat([tokens, tokens]), owners, tensor((long[])[0, 1])).item<float>(), 1e-5);
    }

    [Fact]
    public void A_wrong_token_that_is_certain_has_a_finite_loss()
    {
        using var scope = NewDisposeScope();
        var loss = LikelihoodLosses.OfWrong(zeros(1, 2), tensor((long[])[0, 1]), tensor((long[])[0]));
        Assert.InRange(loss.item<float>(), 13, 14);
    }

    /// <summary>The raw likelihood prefers the short answer "w50" for every text; divided by its tokens, a longer one wins for some of them.</summary>
    [Fact]
    public void Raw_and_length_normalized_likelihoods_rank_answers_differently()
    {
        using var scope = NewDisposeScope();
        using var b = new WordBase("llama");
        using var normalized = b.Untrained(b.Options(new ZeroShotOptions(), new LikelihoodHeadOptions()));
        using var raw = b.Untrained(b.Options(new ZeroShotOptions(), new LikelihoodHeadOptions { LengthNormalized = false }));
        var rows = WordBase.Encoded(raw);
        var (means, sums) = (normalized.Scores(rows), raw.Scores(rows));
        Fixtures.AssertClose(means * tensor((float[])[1, 2, 3]), sums, "sums", 1e-4);                           // bad, good, so-so
        var (best, likeliest) = (means.argmax(1).data<long>().ToArray(), sums.argmax(1).data<long>().ToArray());
        Assert.All(likeliest, l => Assert.Equal(raw.Labels.GetIndex("bad"), l));
        Assert.Contains(best, l => l != raw.Labels.GetIndex("bad"));
    }

    [Fact]
    public void A_head_that_ranks_by_sums_is_saved_as_one()
    {
        using var scope = NewDisposeScope();
        using var b = new WordBase("llama");
        using var folder = new TemporaryFolder();
        var head = new LikelihoodHeadOptions { LengthNormalized = false };
        using var classifier = TextClassifier.Train(b.Model, WordBase.Rows, b.Options(new Ia3Options(), head));
        classifier.Save(folder["a"]);
        using var again = TextClassifier.Load(folder["a"], b.Model);
        Assert.False(Assert.IsType<LikelihoodHeadOptions>(again.Definition.Head).LengthNormalized);
        Assert.Equal(classifier.Predict("w20 w100").Scores, again.Predict("w20 w100").Scores);
    }
}
