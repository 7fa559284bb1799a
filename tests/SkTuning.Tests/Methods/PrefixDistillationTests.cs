using SkTuning.Batches;
using SkTuning.Tests.Training;
using SkTuning.Training;
using static TorchSharp.torch;

namespace SkTuning.Tests.Methods;

/// <summary>A prefix learns to change the model as a whole prompt does: distances, gradients, and whole trainings.</summary>
public sealed class PrefixDistillationTests
{
    private static readonly int[][] Rows = [[7, 33, 12, 95, 20, 8], [5, 6], [90, 41, 13]];

    /// <summary>Two rows of each of three labels.</summary>
    private static IReadOnlyList<Row> FewRows()
        => [.. Splits.KShot(RowFile.Load(Path.Combine(Fixtures.Repository, "assets", "data", "support", "train.tsv")), 2, 1)
            .GroupBy(r => r.Label, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).Take(3).SelectMany(g => g)];

    [Theory, InlineData("llama"), InlineData("gpt2"), InlineData("bloom"), InlineData("bert")]
    public void A_prefix_of_the_whole_prompt_has_no_distance_to_the_model_that_reads_prompt_and_text_together(string family)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var on = new MethodOn("prefix distilled", family);
        using var batch = TokenBatch.Of(Rows, TestDevice.Torch);
        var plan = on.Method.Distillation!;
        foreach (var loss in (DistillationLoss[])[DistillationLoss.States, DistillationLoss.Cosine])
            Assert.True(Math.Abs(new DistillationDistance(on.Tuned, plan with { Loss = loss }).Of(batch, training: false).item<float>()) < 1e-6);
        if (!on.Config.Causal) return;
        int[] prompt = [5, 17, 90, 3];
        foreach (var row in Rows)
        {
            using var alone = TokenBatch.Of([row], TestDevice.Torch);
            using var whole = TokenBatch.Of([[.. prompt, .. row]], TestDevice.Torch);
            var together = on.Transformer.Forward(new() { Ids = whole.Ids }).Hidden.narrow(1, prompt.Length, row.Length);
            Fixtures.AssertClose(together, on.Transformer.Forward(new() { Ids = alone.Ids, Injection = plan.Teacher(alone) }).Text, "the teacher", 1e-4);
            Fixtures.AssertClose(together, on.Transformer.Forward(new() { Ids = alone.Ids, Injection = on.Tuned.Bake() }).Text, "the prefix", 1e-4);
        }
    }

    [Fact]
    public void Distances_have_their_values_by_hand_and_ignore_padding()
    {
        using var scope = NewDisposeScope();
        var teacher = tensor(new float[] { 3, 4, 1, 0, 9, 9 }, [1, 3, 2]);
        var student = tensor(new float[] { 4, 3, 0, 2, 5, 5 }, [1, 3, 2]);
        var mask = tensor(new long[] { 1, 1, 0 }, [1, 3]);
        // ((1 + 1) / 2 + (1 + 4) / 2) / 2, and with the last token (16 + 16) / 2 more.
        Assert.Equal(1.75f, DistillationDistance.States(teacher, student, mask, cosine: false).item<float>(), 1e-6f);
        Assert.Equal(19.5f / 3, DistillationDistance.States(teacher, student, null, cosine: false).item<float>(), 1e-5f);
        // The cosines are 24/25 and 0.
        Assert.Equal((0.04f + 1) / 2, DistillationDistance.States(teacher, student, mask, cosine: true).item<float>(), 1e-6f);
        var (half, quarter) = (tensor(new float[] { 0, 0 }, [1, 2]), tensor(new[] { 0f, MathF.Log(3) }, [1, 2]));
        // Teacher (1/2, 1/2), student (1/4, 3/4).
        Assert.Equal(0.5 * Math.Log(2) + 0.5 * Math.Log(2.0 / 3), DistillationDistance.Divergence(half, quarter).item<float>(), 1e-6);
        Assert.Equal(0.25 * Math.Log(0.5) + 0.75 * Math.Log(1.5), DistillationDistance.Divergence(quarter, half).item<float>(), 1e-6);
        Assert.Equal(0, DistillationDistance.Divergence(quarter, quarter).item<float>());
    }

    [Theory, InlineData(DistillationLoss.States), InlineData(DistillationLoss.Cosine), InlineData(DistillationLoss.Words)]
    public void A_short_prefix_comes_nearer_to_the_prompt_without_labels_and_is_an_ordinary_adapter(DistillationLoss loss)
    {
        using var folder = new TemporaryFolder();
        using var model = FrozenModel.Load(Fixtures.Tiny, new() { Device = TestDevice.Name });
        var before = model.Weights.Select(w => (double)w.Value.to_type(ScalarType.Float32).sum().item<float>()).ToArray();
        var rows = FewRows();
        // Other labels for the same texts: the prefix must not see them.
        Row[] turned = [.. rows.Select((r, i) => new Row(r.Text, rows[(i + 1) % rows.Count].Label))];
        var options = new TextClassifierOptions
        {
            Prompt = "Classify the customer's message to the shop by its topic. The topics are refund, delivery, account and technical problems:",
            Template = "{text}\nTopic:",
            Head = loss == DistillationLoss.Words ? new LikelihoodHeadOptions() : null,
            Method = new PrefixTuningOptions { Tokens = 3, Distillation = 20, DistillationLoss = loss },
            MaxTokens = 16,
            Training = new() { Folds = 0, DevFraction = 0, LearningRate = 3e-2 },
        };
        using var tuned = TextClassifier.Train(model, rows, options);
        var report = tuned.Report!.Distillation!;
        Assert.Equal((20, 3, rows.Count), (report.Steps, report.PrefixTokens, report.Texts));
        Assert.True(report.PromptTokens > 10);
        Assert.True(report.After < 0.8 * report.Before, $"{report.Before} to {report.After}");
        Assert.Equal(0, tuned.Report.Steps);
        Assert.Equal(before, model.Weights.Select(w => (double)w.Value.to_type(ScalarType.Float32).sum().item<float>()));
        tuned.Save(folder["a"]);
        using var again = TextClassifier.Load(folder["a"], model);
        Assert.Equal(("prefix", 3), (again.Method, again.Adapter.Tuned.Method.Length));
        foreach (var row in rows) Assert.Equal(tuned.Predict(row.Text).Scores.Values, again.Predict(row.Text).Scores.Values);
        if (loss != DistillationLoss.States) return;
        using var other = TextClassifier.Train(model, turned, options);
        Fixtures.AssertSame(tuned.Adapter.Tuned.Parameters.Adapter("embeddings").detach(), other.Adapter.Tuned.Parameters.Adapter("embeddings").detach(),
            "the prefix with other labels");
    }

    [Fact]
    public void Texts_without_labels_are_learned_from_and_labels_may_train_the_prefix_afterwards()
    {
        using var model = FrozenModel.Load(Fixtures.Tiny, new() { Device = TestDevice.Name });
        var rows = FewRows();
        var options = new TextClassifierOptions
        {
            Prompt = "Classify the customer's message to the shop by its topic:",
            DistillationTexts = ["where is my order?", "the app does not start"],
            Method = new PrefixTuningOptions { Start = PrefixStart.Random, Tokens = 4, Distillation = 4, DistillationOnly = false },
            Training = new() { Folds = 0, MaxSteps = 2 },
        };
        using var tuned = TextClassifier.Train(model, rows, options);
        Assert.Equal((rows.Count + 2, 2), (tuned.Report!.Distillation!.Texts, tuned.Report.Steps));
    }

    [Fact]
    public void A_run_that_is_stopped_after_the_distillation_and_resumed_ends_with_the_same_values()
    {
        using var folder = new TemporaryFolder();
        using var model = FrozenModel.Load(Fixtures.Tiny, new() { Device = TestDevice.Name });
        var options = new TextClassifierOptions
        {
            Prompt = "Classify the customer's message to the shop by its topic:",
            Template = "{text}\nTopic:",
            MaxTokens = 16,
            Method = new PrefixTuningOptions { Tokens = 4, Demonstrations = 1, Distillation = 3, DistillationOnly = false },
            Training = new() { Folds = 0, MaxSteps = 4, BatchSize = 3 },
        };
        using var undisturbed = TextClassifier.Train(model, FewRows(), options);
        using var stop = new CancellationTokenSource();
        options = options with { Training = options.Training with { RunFolder = folder["run"] } };
        Assert.ThrowsAny<TrainingCanceledException>(() => TextClassifier.Train(model, FewRows(), options, new SmallTask.Now(p =>
        {
            if (p.Step == 2) stop.Cancel();
        }), stop.Token)).Result.Dispose();
        options = options with { Training = options.Training with { Resume = true } };
        using var resumed = TextClassifier.Train(model, FewRows(), options);
        Assert.Equal(SmallTask.Values(undisturbed), SmallTask.Values(resumed));
        Assert.Null(resumed.Report!.Distillation);
    }

    [Fact]
    public void A_distillation_that_cannot_be_done_is_refused_by_name()
    {
        using var model = FrozenModel.Load(Fixtures.Tiny, new() { Device = TestDevice.Name });
        var rows = FewRows();
        var options = new TextClassifierOptions { Prompt = "Classify the message:" };
        Refused("scores no words", options with { Method = new PrefixTuningOptions { Distillation = 1, DistillationLoss = DistillationLoss.Words } });
        Refused("the prompt has", options with { Method = new PrefixTuningOptions { Tokens = 100 } });
        Refused("nothing is distilled", options with { Method = new PrefixTuningOptions(), DistillationTexts = ["a text"] });
        Refused("can be joined", options with
        {
            Method = TuningOptions.Create("prefix+lora") is CompositeOptions c
            ? c with { Parts = [new PrefixTuningOptions { Distillation = 1 }, new LoraOptions()] } : new LoraOptions()
        });
        Refused("more than the model's context", options with
        {
            Prompt = string.Join(' ', Enumerable.Repeat("refund delivery", 400)),
            Method = new PrefixTuningOptions { Tokens = 4, Distillation = 1 },
        });

        void Refused(string expected, TextClassifierOptions refused)
            => Assert.Contains(expected, Assert.Throws<SkTuningException>(() => TextClassifier.Train(model, rows, refused)).Message);
    }
}
