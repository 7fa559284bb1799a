using SkTuning.Batches;
using SkTuning.Methods.ZeroShot;
using SkTuning.Models;
using SkTuning.Objectives;
using SkTuning.Tests.Heads;
using static TorchSharp.torch;

namespace SkTuning.Tests.Objectives;

/// <summary>The masked-LM loss: which words it masks, its value, and that the model it needs is there.</summary>
public sealed class MaskedWordsTests
{
    private static readonly MaskedWords Words = new(2, WordBase.Mask, new HashSet<int> { WordBase.Mask, 1, 2 });

    [Fact]
    public void Which_words_are_masked_depends_on_the_step_and_the_row_alone()
    {
        int[] row = [1, .. Enumerable.Range(10, 40), WordBase.Mask, 2];
        var chosen = Words.Chosen(row, 7);
        Assert.Equal(6, chosen.Length);                                         // 15 % of 40
        Assert.Equal(chosen, Words.Chosen(row, 7));
        Assert.NotEqual(chosen, Words.Chosen(row, 8));
        Assert.Equal(chosen, chosen.Order().Distinct());
        Assert.DoesNotContain(chosen, t => t is 0 or 41 or 42);
        Assert.Single(Words.Chosen([1, 30, 31, 2], 7));
        Assert.Empty(Words.Chosen([1, WordBase.Mask, 2], 7));
    }

    [Fact]
    public void All_words_are_masked_about_equally_often()
    {
        int[] row = [1, .. Enumerable.Range(10, 20), 2];
        var counts = Enumerable.Range(0, 2000).SelectMany(seed => Words.Chosen(row, seed)).CountBy(t => t).ToDictionary();
        Assert.Equal(20, counts.Count);
        Assert.All(counts.Values, n => Assert.InRange(n, 230, 370));            // 300 expected, with a deviation of 16
    }

    [Fact]
    public void The_loss_is_the_mean_over_rows_of_the_mean_over_their_masked_words()
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var b = new WordBase("bert", "mlm");
        int[][] rows = [[1, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 2], [1, 40, 2], [1, WordBase.Mask, 2]];
        double expected = 0;
        foreach (var row in rows)
        {
            var chosen = Words.Chosen(row, 3);
            if (chosen.Length == 0) continue;
            int[] masked = [.. row];
            foreach (var t in chosen) masked[t] = WordBase.Mask;
            var logits = b.Transformer.MaskedLogits(b.States(masked)).to_type(ScalarType.Float64).log_softmax(-1);
            expected -= chosen.Average(t => logits[t, row[t]].item<double>());
        }
        Assert.Equal(2 * expected / 3, Loss(rows), 1e-4);
        // Each row's words are its own: parts of a batch have parts of its loss.
        Assert.Equal(Loss(rows), (Loss([rows[0]]) + 2 * Loss([rows[1], rows[2]])) / 3, 1e-4);
        Assert.Equal(0, Loss([rows[2]]));

        double Loss(int[][] of)
        {
            using var parameters = new ParameterSet([], 0, CPU);
            using var batch = TokenBatch.Of(of, CPU);
            var pass = new ZeroShotMethod(b.Model.Config, null).Pass(b.Transformer, Injection.None, parameters, false);
            return Words.Loss(pass, batch, 3).item<float>();
        }
    }

    [Fact]
    public void A_training_step_adds_it_and_repeats_it()
    {
        using var b = new WordBase("bert", "mlm");
        double First(double weight)
        {
            double? first = null;
            var options = new TextClassifierOptions
            {
                Method = new LoraOptions { Rank = 2 },
                Objective = new PairCircleObjectiveOptions { MaskedWordsWeight = weight },
                Training = new() { Epochs = 1, BatchSize = 64, Folds = 0, LearningRate = 1e-3 },
            };
            using var _ = TextClassifier.Train(b.Model, WordBase.Rows, options, new Classifiers.TrainedOnTiny.Now(p => first ??= p.Loss));
            return first!.Value;
        }

        var (none, one, three) = (First(0), First(1), First(3));
        Assert.Equal(one, First(1));
        Assert.True(one > none + 1, $"{none} and {one}");
        Assert.Equal(3 * (one - none), three - none, 1e-3);
    }

    [Fact]
    public void A_base_without_a_masked_LM_head_is_refused_by_name()
    {
        using var b = new WordBase("bert");
        var options = new TextClassifierOptions { Method = new LoraOptions(), Objective = new PairCircleObjectiveOptions { MaskedWordsWeight = 1 } };
        var message = Assert.ThrowsAny<SkTuningException>(() => TextClassifier.Train(b.Model, WordBase.Rows, options)).Message;
        Assert.Contains("pair-circle", message);
        Assert.Contains("set MaskedWordsWeight to 0", message);
    }
}
