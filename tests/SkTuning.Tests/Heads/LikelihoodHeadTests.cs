using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Classifiers.SingleLabel;
using SkTuning.Heads;
using SkTuning.Methods.ZeroShot;
using SkTuning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace SkTuning.Tests.Heads;

/// <summary>The head likelihood equals a direct computation from the scores of the whole vocabulary, row by row and label by label.</summary>
public sealed class LikelihoodHeadTests
{
    private static readonly int[][] Answers = [[50], [40, 41], [40, 42, 43]];                                   // bad, good, so-so

    [Theory, InlineData("llama"), InlineData("gpt2"), InlineData("gemma2"), InlineData("bloom"), InlineData("cohere")]
    public void Scores_are_the_mean_log_probabilities_of_the_words_tokens(string family)
    {
        if (!Directory.Exists(Path.Combine(Fixtures.Root, "models", family))) Assert.Skip($"no {family} fixture here");
        using var scope = NewDisposeScope();
        using var b = new WordBase(family);
        using var runtime = b.Untrained(b.Options(new ZeroShotOptions(), new LikelihoodHeadOptions()));
        Assert.Equal(0, runtime.Tuned.Parameters.Count);
        var rows = WordBase.Encoded(runtime);
        var scores = runtime.Scores(rows);
        foreach (var (r, row) in rows.Index())
            for (var c = 0; c < Answers.Length; c++) Assert.Equal(b.Likelihood(row.Ids, Answers[c]), scores[r, c].item<float>(), 1e-5);
    }

    [Theory, InlineData("sk-prefix"), InlineData("sk-prompt"), InlineData("lora")]
    public void Scores_are_those_behind_what_a_method_injects(string method)
    {
        using var scope = NewDisposeScope();
        using var b = new WordBase("llama");
        using var runtime = b.Untrained(b.Options(TuningOptions.Create(method), new LikelihoodHeadOptions()));
        var parameters = runtime.Tuned.Parameters;
        using (no_grad()) parameters.Restore(parameters.Values + randn([parameters.Count], generator: new Generator(3)) * 0.05);
        var rows = WordBase.Encoded(runtime);
        var scores = runtime.Scores(rows);
        foreach (var (r, row) in rows.Index())
            for (var c = 0; c < Answers.Length; c++) Assert.Equal(b.Likelihood(row.Ids, Answers[c], runtime.Tuned.Bake()), scores[r, c].item<float>(), 1e-5);
    }

    [Fact]
    public void With_words_of_one_token_the_probabilities_are_those_of_label_words()
    {
        using var b = new WordBase("gpt2");
        using var words = TextClassifier.Train(b.Model, WordBase.Rows, b.Options(new ZeroShotOptions(), new LabelWordsHeadOptions()));
        using var likelihood = TextClassifier.Train(b.Model, WordBase.Rows,
            b.Options(new ZeroShotOptions(), new LikelihoodHeadOptions()) with { LabelWords = WordBase.Words });
        foreach (var row in WordBase.Rows)
            foreach (var (label, score) in words.Predict(row.Text).Scores) Assert.Equal(score, likelihood.Predict(row.Text).Scores[label], 1e-6);
    }

    [Fact]
    public void Answers_that_begin_alike_are_read_together()
    {
        using var b = new WordBase("llama");
        Check(1, false, [[5], [6], [7]]);
        Check(1, true, [[5], [6, 7], [6, 8]]);
        Check(1, true, [[6], [6, 7], [6, 7, 8]]);
        Check(2, true, [[6, 7, 8], [5, 7], [6, 9]]);
        Check(3, true, [[1, 2], [3, 4], [5, 6]]);

        void Check(int sequences, bool adds, int[][] answers)
        {
            var scorer = new AnswerScorer(b.Transformer, answers);
            Assert.Equal((sequences, adds), (scorer.Sequences, scorer.AddsTokens));
        }
    }

    [Fact]
    public void Many_rows_and_answers_are_scored_in_parts_as_each_alone()
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var b = new WordBase("llama");
        int[][] answers = [.. Enumerable.Range(20, 30).Select(i => (int[])[i, i + 1, i + 2])],
            rows = [.. Enumerable.Range(0, 7).Select(i => (int[])[.. Enumerable.Range(5, 1 + i)])];
        var scorer = new AnswerScorer(b.Transformer, answers);
        using var parameters = new ParameterSet([], 0, CPU);
        using var batch = TokenBatch.Of(rows, CPU);
        var method = new ZeroShotMethod(b.Model.Config, null);
        var scores = scorer.Means(scorer.LogLikelihoods(method.Pass(b.Transformer, Injection.None, parameters, false), batch));
        foreach (var (r, row) in rows.Index())
            foreach (var (c, answer) in answers.Index()) Assert.Equal(b.Likelihood(row, answer), scores[r, c].item<float>(), 1e-5);
    }

    [Theory, InlineData(0, 0), InlineData(1, 0), InlineData(0.5, 2)]
    public void The_loss_is_cross_entropy_and_unlikelihood_and_the_right_labels_own(double unlikelihood, double languageModel)
    {
        using var scope = NewDisposeScope();
        using var b = new WordBase("llama");
        using var runtime = b.Untrained(b.Options(new LoraOptions { Rank = 2 },
            new LikelihoodHeadOptions { UnlikelihoodWeight = unlikelihood, LanguageModelWeight = languageModel }));
        var rows = WordBase.Encoded(runtime);
        using var batch = TokenBatch.Of(rows, CPU);
        var objective = new SingleLabelObjective(runtime.Labels);
        double expected = 0;
        foreach (var row in rows)
        {
            double[] scores = [.. Answers.Select(a => b.Likelihood(row.Ids, a))];
            var right = row.Classes[0];
            expected += Math.Log(scores.Sum(Math.Exp)) - scores[right] - languageModel * scores[right];
            double[] wrong = [.. Answers.Index().Where(a => a.Index != right)
                .SelectMany(a => a.Item.Select((token, t) => -Math.Log(1 - Math.Exp(b.Likelihood([.. row.Ids, .. a.Item[..t]], [token])))))];
            expected += unlikelihood * wrong.Average();
        }
        var loss = runtime.Tuned.Loss(batch, objective.Targets(rows, CPU), objective);
        Assert.Equal(expected / rows.Count, loss.item<float>(), 2e-5);
    }

    [Theory, InlineData("llama"), InlineData("gpt2")]
    public void Gradients_are_those_of_finite_differences(string family)
    {
        const double Step = 5e-3;
        using var scope = NewDisposeScope();
        using var b = new WordBase(family);
        using var runtime = b.Untrained(b.Options(new SkPrefixOptions { Bottleneck = 3 }, new LikelihoodHeadOptions { LanguageModelWeight = 1 }));
        var (tuned, objective, rows) = (runtime.Tuned, new SingleLabelObjective(runtime.Labels), WordBase.Encoded(runtime));
        using var batch = TokenBatch.Of(rows, CPU);
        using (no_grad()) tuned.Parameters.Restore(tuned.Parameters.Values + randn([tuned.Parameters.Count], generator: new Generator(3)) * 0.1);
        tuned.Parameters.Gradients.zero_();
        Loss().backward();
        var (gradient, value) = (tuned.Parameters.Gradients.clone(), tuned.Parameters.Snapshot());
        var length = gradient.norm().item<float>();
        Assert.True(length > 1e-4);
        var slope = (LossAt(+Step) - LossAt(-Step)) / (2 * Step);
        Assert.True(Math.Abs(slope - length) <= 0.02 * length + 2e-4, $"finite differences {slope:G5}, gradient {length:G5}");
        value.Dispose();

        Tensor Loss() => tuned.Loss(batch, objective.Targets(rows, CPU), objective);

        double LossAt(double step)
        {
            using var off = no_grad();
            tuned.Parameters.Restore(value + gradient * (step / length));
            return Loss().item<float>();
        }
    }

    [Fact]
    public void It_trains_is_saved_and_read_again_bit_for_bit()
    {
        using var folder = new TemporaryFolder();
        using var b = new WordBase("llama");
        using var classifier = TextClassifier.Train(b.Model, WordBase.Rows, b.Options(new LoraOptions { Rank = 2 },
            new LikelihoodHeadOptions { UnlikelihoodWeight = 0.5 }) with
        { Training = new() { Epochs = 8, BatchSize = 4, LearningRate = 1e-2 } });
        var epochs = classifier.Report!.Epochs;
        Assert.True(epochs[^1].DevLoss < epochs[0].DevLoss, $"from {epochs[0].DevLoss} to {epochs[^1].DevLoss}");
        classifier.Save(folder["a"]);
        using var again = TextClassifier.Load(folder["a"], b.Model);
        Assert.Null(AdapterFile.Of(again.Definition).DifferenceFrom(AdapterFile.Of(classifier.Definition)));
        Assert.Equal(0.5, Assert.IsType<LikelihoodHeadOptions>(again.Definition.Head).UnlikelihoodWeight);
        Fixtures.AssertSame(classifier.Adapter.Tuned.Parameters.Values, again.Adapter.Tuned.Parameters.Values, "parameters");
        foreach (var row in WordBase.Rows)
            Fixtures.AssertClose(tensor(classifier.Predict(row.Text).Scores.Values.ToArray()), tensor(again.Predict(row.Text).Scores.Values.ToArray()),
                row.Text, 1e-6);
    }

    [Fact]
    public void A_step_leaves_no_tensor_behind()
    {
        using var b = new WordBase("llama");
        using var runtime = b.Untrained(b.Options(new LoraOptions { Rank = 2 }, new LikelihoodHeadOptions()));
        var (rows, objective) = (WordBase.Encoded(runtime), new SingleLabelObjective(runtime.Labels));
        Step();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Step();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);

        void Step()
        {
            using var scope = NewDisposeScope();
            using var batch = TokenBatch.Of(rows, CPU);
            runtime.Tuned.Loss(batch, objective.Targets(rows, CPU), objective).backward();
            runtime.Scores(rows);
        }
    }

    [Fact]
    public void Word_embeddings_that_are_given_count_as_those_of_the_row()
    {
        using var scope = NewDisposeScope();
        using var b = new WordBase("llama");
        using var runtime = b.Untrained(b.Options(new ZeroShotOptions(), new LikelihoodHeadOptions()));
        using var batch = TokenBatch.Of(WordBase.Encoded(runtime), CPU);
        var embeddings = b.Transformer.Embeddings.Word(batch.Ids).detach().requires_grad_(true);
        var scores = runtime.Tuned.BakedFrom(batch, embeddings);
        Fixtures.AssertClose(runtime.Tuned.Baked(batch), scores, "scores", 1e-6);
        scores.sum().backward();
        var size = embeddings.grad!.abs().sum(-1);
        Assert.True(size.masked_select(batch.Mask!.eq(1)).min().item<float>() > 0);
        Assert.Equal(0, size.masked_select(batch.Mask!.eq(0)).max().item<float>());
        using var classifier = TextClassifier.Train(b.Model, WordBase.Rows, b.Options(new ZeroShotOptions(), new LikelihoodHeadOptions()));
        Assert.Contains(classifier.Explain(WordBase.Rows[0].Text, kind: ExplanationKind.GradientTimesInput).Words, w => w.Weight != 0);
    }

    [Fact]
    public void Words_need_room_behind_the_text()
    {
        using var b = new WordBase("llama");                                                                    // a context of 64
        var options = b.Options(new ZeroShotOptions(), new LikelihoodHeadOptions());
        using (var runtime = b.Untrained(options)) Assert.Equal(62, runtime.Definition.MaxTokens);
        Assert.Contains("take 2 tokens", Assert.ThrowsAny<SkTuningException>(() => b.Untrained(options with { MaxTokens = 63 })).Message);
        var text = string.Join(' ', Enumerable.Repeat("w20", 100));
        using var classifier = TextClassifier.Train(b.Model, WordBase.Rows, options);
        Assert.True(classifier.Predict(text).WasTruncated);
    }

    [Theory, InlineData(-1, 0), InlineData(1, double.NaN)]
    public void Weights_that_make_no_sense_are_refused(double unlikelihood, double languageModel)
    {
        using var b = new WordBase("llama");
        var options = b.Options(new LoraOptions(), new LikelihoodHeadOptions { UnlikelihoodWeight = unlikelihood, LanguageModelWeight = languageModel });
        Assert.Contains("expected 0 to 1000", Assert.ThrowsAny<SkTuningException>(() => b.Untrained(options)).Message);
    }
}
