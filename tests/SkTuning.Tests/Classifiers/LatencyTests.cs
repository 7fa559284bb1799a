using TorchSharp;

namespace SkTuning.Tests.Classifiers;

/// <summary>What one prediction costs, in counts that do not depend on the machine, and that its number of threads does not change it.</summary>
[Collection(Alone.Name)]
public sealed class LatencyTests(TrainedOnTiny tiny) : IClassFixture<TrainedOnTiny>
{
    private const string Text = "where is my parcel?";

    /// <summary>
    /// For each layer of a llama model with a prefix (its norms are six operations, its rotary positions nine), and for everything else. A native call
    /// that makes no tensor costs next to nothing.
    /// </summary>
    private const int TensorsPerLayer = 64, OtherTensors = 40;

    [Fact]
    public void A_text_takes_no_more_native_tensors_than_its_layers_need()
    {
        tiny.Classifier.Predict(Text);
        var before = Made();
        tiny.Classifier.Predict(Text);
        Assert.InRange(Made() - before, 1, TensorsPerLayer * tiny.Model.Config.Layers + OtherTensors);

        static long Made()
        {
            var counts = DisposeScopeManager.Statistics;
            return counts.CreatedInScopeCount + counts.CreatedOutsideScopeCount;
        }
    }

    [Fact]
    public void A_text_and_many_have_the_same_scores_on_one_thread_and_on_two()
    {
        var threads = torch.get_num_threads();
        string[] texts = [Text, .. tiny.Rows.Select(r => r.Text)];
        try
        {
            torch.set_num_threads(1);
            var one = (tiny.Classifier.Predict(Text), tiny.Classifier.Predict(texts));
            torch.set_num_threads(2);
            var two = (tiny.Classifier.Predict(Text), tiny.Classifier.Predict(texts));
            Assert.Equal(2, torch.get_num_threads());
            foreach (var (a, b) in one.Item2.Zip(two.Item2).Prepend((one.Item1, two.Item1)))
            {
                Assert.Equal(a.Label, b.Label);
                Assert.All(a.Scores.Keys, label => Assert.Equal(a.Scores[label], b.Scores[label], 1e-5));
            }
        }
        finally { torch.set_num_threads(threads); }
    }
}
