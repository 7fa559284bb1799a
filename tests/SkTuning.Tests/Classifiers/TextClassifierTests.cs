using TorchSharp;

namespace SkTuning.Tests.Classifiers;

public sealed class TextClassifierTests(TrainedOnTiny tiny) : IClassFixture<TrainedOnTiny>
{
    private static readonly string[] Texts = ["where is my parcel?", "I was charged twice, please check my invoice and tell me what happened.", "hi",
        "The kettle stopped working after two weeks."];

    [Fact]
    public void Training_lowers_the_loss_and_leaves_every_weight_of_the_model_as_it_was()
    {
        var epochs = tiny.Classifier.Report!.Epochs;
        Assert.True(epochs[^1].TrainLoss < epochs[1].TrainLoss);
        Assert.Equal(tiny.HashBefore, TrainedOnTiny.Hash(tiny.Model));
        Assert.All(tiny.Model.Weights, w => Assert.True(!w.Value.requires_grad && w.Value.grad is null, w.Name));
    }

    [Fact]
    public void The_number_of_live_tensors_is_the_same_behind_every_epoch()
    {
        Assert.Equal(3, tiny.LiveTensors.Count);
        Assert.Single(tiny.LiveTensors.Distinct());
    }

    [Fact]
    public void Progress_is_told_for_every_step()
    {
        Assert.Equal(tiny.Classifier.Report!.Steps, tiny.Progress.Count);
        Assert.Equal(Enumerable.Range(1, tiny.Progress.Count), tiny.Progress.Select(p => p.Step));
        Assert.Equal(3, tiny.Progress.Count(p => p.CompletedEpoch is not null));
    }

    [Fact]
    public void Scores_sum_to_one_and_the_label_is_the_best_of_them()
    {
        foreach (var p in tiny.Classifier.Predict(Texts))
        {
            Assert.Equal(1, p.Scores.Values.Sum(), 1e-5);
            Assert.Equal(p.Scores.MaxBy(s => s.Value).Key, p.Label);
            Assert.Equal(p.Scores[p.Label], p.Confidence);
            Assert.Equal(tiny.Classifier.Labels, p.Scores.Keys);
        }
    }

    [Fact]
    public void A_text_alone_and_among_others_has_the_same_scores()
    {
        var together = tiny.Classifier.Predict([.. Texts, .. tiny.Rows.Select(r => r.Text)]);
        for (var i = 0; i < Texts.Length; i++)
            foreach (var (label, score) in tiny.Classifier.Predict(Texts[i]).Scores)
                Assert.Equal(score, together[i].Scores[label], 1e-5);
    }

    [Fact]
    public void Several_threads_may_predict_at_once()
    {
        var label = tiny.Classifier.Labels[0];
        var expected = tiny.Classifier.Predict(Texts[0]).Scores[label];
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 4 },
            _ => Assert.Equal(expected, tiny.Classifier.Predict(Texts[0]).Scores[label], 1e-5));
    }

    [Fact]
    public void An_empty_text_has_a_prediction() => Assert.NotEmpty(tiny.Classifier.Predict("").Label);

    [Fact]
    public void A_text_of_100000_words_has_a_prediction_and_says_that_it_was_cut()
    {
        var prediction = tiny.Classifier.Predict(string.Join(' ', Enumerable.Range(0, 100_000).Select(i => $"word{i}")));
        Assert.True(prediction.WasTruncated);
        Assert.NotEmpty(prediction.Label);
        Assert.False(tiny.Classifier.Predict("short").WasTruncated);
    }

    [Fact]
    public void A_text_that_is_null_spoils_no_other()
    {
        var predictions = tiny.Classifier.Predict(["good", null!, "also good"]);
        Assert.Null(predictions[0].Error);
        Assert.Contains("null", predictions[1].Error);
        Assert.NotEmpty(predictions[2].Label);
    }

    [Fact]
    public async Task A_stream_gives_the_same_labels_in_its_order()
    {
        var streamed = new List<string>();
        await foreach (var p in tiny.Classifier.PredictAsync(Stream())) streamed.Add(p.Label);
        Assert.Equal(tiny.Classifier.Predict(Texts).Select(p => p.Label), streamed);

        static async IAsyncEnumerable<string> Stream()
        {
            foreach (var text in Texts)
            {
                await Task.Yield();
                yield return text;
            }
        }
    }

    [Fact]
    public void Predicting_leaves_no_tensor_behind()
    {
        tiny.Classifier.Predict(Texts);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        tiny.Classifier.Predict(Texts);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void The_same_seed_gives_the_same_scores_bit_for_bit()
    {
        using var again = TextClassifier.Train(tiny.Model, tiny.Rows, TrainedOnTiny.Options());
        Assert.Equal(tiny.Classifier.Predict(Texts[1]).Scores.Values, again.Predict(Texts[1]).Scores.Values);
    }

    [Fact]
    public void Cancelled_training_hands_out_what_was_trained()
    {
        using var source = new CancellationTokenSource();
        var stop = new TrainedOnTiny.Now(p => { if (p.Epoch == 2) source.Cancel(); });
        var e = Assert.ThrowsAny<TrainingCanceledException>(() => TextClassifier.Train(tiny.Model, tiny.Rows, TrainedOnTiny.Options(epochs: 50), stop,
            source.Token));
        using var soFar = (TextClassifier)e.Result;
        Assert.True(soFar.Report!.WasCanceled);
        Assert.InRange(soFar.Report.Best!.Epoch, 0, 1);
        Assert.NotEmpty(soFar.Predict("where is it?").Label);
    }

    [Fact]
    public void A_dev_label_that_train_does_not_have_is_refused_by_name()
    {
        var options = TrainedOnTiny.Options() with { Dev = [new("text", "unheard-of")] };
        Assert.Contains("unheard-of", Assert.ThrowsAny<SkTuningException>(() => TextClassifier.Train(tiny.Model, tiny.Rows, options)).Message);
    }

    [Fact]
    public void One_label_is_not_enough()
    {
        var e = Assert.ThrowsAny<SkTuningException>(() => TextClassifier.Train(tiny.Model, [new("a", "x"), new("b", "x")], TrainedOnTiny.Options()));
        Assert.Contains("only one label, 'x'", e.Message);
    }

    [Theory, InlineData("no slot"), InlineData("{text} and {text}")]
    public void A_template_without_one_text_is_refused(string template)
    {
        var options = TrainedOnTiny.Options() with { Template = template };
        Assert.Contains(template, Assert.ThrowsAny<SkTuningException>(() => TextClassifier.Train(tiny.Model, tiny.Rows, options)).Message);
    }
}
