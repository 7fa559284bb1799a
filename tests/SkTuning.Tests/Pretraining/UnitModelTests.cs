using SkTuning.Bench;
using SkTuning.Pretraining;
using static TorchSharp.torch;

namespace SkTuning.Tests.Pretraining;

/// <summary>Language models of discrete units, trained from random weights.</summary>
public sealed class UnitModelTests : IDisposable
{
    private static readonly UnitModelOptions Small = new() { Layers = 1, Hidden = 32, Steps = 4, Context = 64, Device = "cpu" };

    private readonly TemporaryFolder _folder = new();

    /// <summary>The losses of all steps.</summary>
    private sealed class Losses : List<double>, IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => Add(value.Loss);
    }

    [Fact]
    public void The_first_loss_is_that_of_knowing_nothing()
    {
        var losses = new Losses();
        // No unit follows itself: the embeddings are the LM head, too, so that a new model expects repetitions.
        string[] sequences = [.. Enumerable.Range(1, 20).Select(step => string.Join(' ', Enumerable.Range(0, 40).Select(i => step * i * 7 % 100)))];
        UnitModel.Pretrain(sequences, _folder["a"], Small with { Units = 100 }, losses);
        Assert.Equal(4, losses.Count);
        Assert.InRange(losses[0], Math.Log(102) - 0.05, Math.Log(102) + 0.05);
    }

    [Fact]
    public void A_cycle_is_learned_completely()
    {
        var losses = new Losses();
        string[] sequences = [.. Enumerable.Range(8, 8).Select(n => string.Join(' ', Enumerable.Range(0, n).Select(i => i % 5)))];
        UnitModel.Pretrain(sequences, _folder["a"], Small with { Steps = 60, LearningRate = 0.02, DevFraction = 0 }, losses);
        Assert.InRange(losses[^1], 0, 0.05);
    }

    [Fact]
    public void The_seed_determines_the_model()
    {
        var sequences = GeneratedUnits.Sequences(64, 1);
        foreach (var (name, seed) in (IEnumerable<(string, ulong)>)[("a", 1), ("b", 1), ("c", 2)])
            UnitModel.Pretrain(sequences, _folder[name], Small with { Seed = seed });
        Assert.Equal(Weights("a"), Weights("b"));
        Assert.NotEqual(Weights("a"), Weights("c"));

        byte[] Weights(string name) => File.ReadAllBytes(Path.Combine(_folder[name], "model.safetensors"));
    }

    [Fact]
    public void The_written_model_has_the_loss_of_the_trained_one_and_its_random_base_that_of_the_start()
    {
        var (sequences, options, losses) = (GeneratedUnits.Sequences(64, 1), Small with { DevFraction = 0.5, Steps = 40, Context = 256 }, new Losses());
        var report = UnitModel.Pretrain(sequences, _folder["a"], options, losses);
        var (train, dev) = UnitSequences.Read(sequences, null).Rows(GeneratedUnits.Units, options);
        Assert.Equal((32, 32), (report.TrainRows, report.DevRows));
        Assert.Equal(report.DevScore, Loss(dev, null), 1e-4);
        Assert.True(report.DevScore < losses[0] - 0.3, $"{report.DevScore}");
        Assert.Equal(losses[0], Loss(train, options.Seed), 1e-4);

        double Loss(IReadOnlyList<SkTuning.Batches.EncodedRow> rows, ulong? random)
        {
            using var model = FrozenModel.Load(_folder["a"], new() { Device = "cpu", RandomWeights = random });
            var (sum, count) = (0.0, 0);
            foreach (var row in rows)
            {
                using var scope = NewDisposeScope();
                using var off = no_grad();
                var ids = tensor(row.Ids.Select(i => (long)i).ToArray()).unsqueeze(0);
                var scores = model.Transformer.Logits(model.Transformer.Forward(new() { Ids = ids }).Hidden)[0].log_softmax(-1);
                foreach (var (t, next) in row.Classes.Index()) sum -= scores[t, next].item<float>();
                count += row.Classes.Length;
            }
            return sum / count;
        }
    }

    [Fact]
    public void The_id_of_a_unit_is_the_unit()
    {
        UnitModel.Pretrain(["3 1", "0 4"], _folder["a"], Small with { Units = 20, DevFraction = 0 });
        using var model = FrozenModel.Load(_folder["a"], new() { Device = "cpu" });
        var tokenizer = model.Tokenizer;
        Assert.Equal([20, 3, 0, 19], tokenizer.EncodeIds("3 0  19"));
        Assert.Equal([7, 20], tokenizer.EncodeIds("7 <s>", addSpecialTokens: false));
        Assert.Equal([21], tokenizer.EncodeIds("twenty", addSpecialTokens: false));
        Assert.Equal(("3 0 19", "<s> 3 0 19"), (tokenizer.Decode([20, 3, 0, 19], skipSpecialTokens: true), tokenizer.Decode([20, 3, 0, 19])));
        Assert.Equal((22, "llama", 64, true), (model.Describe().Vocabulary, model.Describe().Family, model.Describe().Context,
            model.Describe().HasLanguageModelHead));
    }

    [Fact]
    public void Each_token_answers_with_the_one_after_it_and_long_sequences_are_divided()
    {
        var (rows, dev) = UnitSequences.Read(["0 1 2 3 4 5 6 7 8 9", "5"], null).Rows(10, Small with { Context = 8, DevFraction = 0 });
        Assert.Empty(dev);
        Assert.Equal([[10, 0, 1, 2, 3, 4, 5, 6], [10, 8], [10]], rows.Select(r => r.Ids));
        Assert.Equal([[0, 1, 2, 3, 4, 5, 6, 7], [8, 9], [5]], rows.Select(r => r.Classes));
        Assert.Equal([[0, 1, 2, 3, 4, 5, 6, 7], [0, 1], [0]], rows.Select(r => r.AnswerPositions));
    }

    [Fact]
    public void What_cannot_be_learned_is_refused_and_nothing_is_written()
    {
        Assert.Equal("Sequence 2: unit 2 is 'x', expected a whole number from 0 to 65535.", Refused(["1 2", "3 x"], Small));
        Assert.Equal("Sequence 2: text is empty, expected whole numbers separated by spaces.", Refused(["1 2", " "], Small));
        Assert.Equal("Sequence 1: a unit is 2, expected units from 0 to 1: UnitModelOptions.Units is 2.", Refused(["1 2"], Small with { Units = 2 }));
        Assert.Equal("There are no sequences to learn.", Refused([], Small));
        Assert.Equal("UnitModelOptions.Hidden is 48, expected a multiple of 32 up to 4096.", Refused(["1"], Small with { Hidden = 48 }));
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => UnitModel.Pretrain(["1 2", "2 1"], _folder["a"], Small, cancellationToken: stop.Token));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
        UnitModel.Pretrain(["1 2", "2 1"], _folder["a"], Small);
        Assert.EndsWith("found a folder with a model, expected a new folder or an empty one. Choose another name.", Refused(["1"], Small));

        string Refused(string[] sequences, UnitModelOptions options)
            => Assert.ThrowsAny<SkTuningException>(() => UnitModel.Pretrain(sequences, _folder["a"], options)).Message;
    }

    [Fact]
    public void A_model_that_does_not_fit_into_the_memory_is_refused_before_it_is_written()
    {
        var large = Small with { Layers = 64, Hidden = 4096, Units = 65_536 };
        var error = Assert.Throws<SkTuningException>(() => UnitModel.Pretrain(["1 2", "2 1"], _folder["a"], large)).Message;
        // 65,538 words, and in each of 64 layers four matrices of 4096 x 4096, three of 4096 x 10,944, and two norms.
        var weights = 65_538L * 4096 + 64 * (4 * 4096L * 4096 + 3 * 4096L * 10_944 + 2 * 4096) + 4096;
        var memory = FormattableString.Invariant($"{weights * 24 / 1e9:F1} GB of memory");
        Assert.StartsWith(FormattableString.Invariant($"The model would have {weights:N0} parameters, and training it takes {memory}, but "), error);
        Assert.EndsWith(" GB are available. Lower UnitModelOptions.Layers or UnitModelOptions.Hidden.", error);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData(24_000, 10, true, null)]
    [InlineData(23_999, 10, false, null)]
    // Eight tokens with 10 scores of 16 bytes each are 1,280 bytes, of which a fifth of the memory has place for 3 or 4.
    [InlineData(24_000, 5, true, 3)]
    [InlineData(25_600, 5, true, 4)]
    [InlineData(25_600, 4, true, null)]
    [InlineData(0, 4, false, 1)]
    public void Scores_of_all_units_limit_the_rows_at_the_same_time(long available, int batchSize, bool fits, int? rows)
    {
        var memory = new UnitModelMemory(weights: 1000, vocabulary: 10, available);
        if (fits) memory.Check();
        else Assert.Throws<SkTuningException>(memory.Check);
        if (batchSize < 10) Assert.Equal(rows, memory.RowsAtOnce([new([10, 0, 1]), new([10, 0, 1, 2, 3, 4, 5, 6])], batchSize));
    }

    [Fact]
    public void Fewer_sequences_are_held_out_where_their_scores_are_many()
    {
        string[] texts = [.. Enumerable.Range(0, 40).Select(i => string.Join(' ', Enumerable.Repeat(i, 512)))];
        var options = Small with { Context = 512, DevFraction = 0.5 };
        Assert.Equal(20, UnitSequences.Read(texts, 100).Rows(100, options).Dev.Count);
        // 2^28 / (512 * 65,536)
        Assert.Equal(8, UnitSequences.Read(texts, 65_536).Rows(65_536, options).Dev.Count);
    }

    [Fact]
    public void Adapters_on_a_model_of_units_answer_with_units()
    {
        UnitModel.Pretrain(GeneratedUnits.Sequences(64, 1), _folder["model"], Small with { Units = GeneratedUnits.Units });
        using var model = FrozenModel.Load(_folder["model"], new() { Device = "cpu" });
        var rows = GeneratedUnits.Rows(labels: 3, perLabel: 4, seed: 2);
        var words = UnitLabels.ByFrequency(rows);
        using var trained = TextClassifier.Train(model, rows, new()
        {
            Method = new PrefixTuningOptions { Start = PrefixStart.Random, Tokens = 2 }, Head = new LikelihoodHeadOptions(), LabelWords = words,
            Template = "{text} <s>", Training = new() { MaxSteps = 2, DevFraction = 0 },
        });
        trained.Save(_folder["adapter"]);
        using var loaded = TextClassifier.Load(_folder["adapter"], model);
        Assert.Equal(trained.Predict(rows[0].Text).Confidence, loaded.Predict(rows[0].Text).Confidence);
        Assert.Equal(words.Keys.Order(StringComparer.Ordinal), loaded.Labels.Order(StringComparer.Ordinal));
        using var usual = TextClassifier.Train(model, rows, new());
        Assert.InRange(usual.Predict(rows[0].Text).Confidence, 0.3, 1);
    }

    public void Dispose() => _folder.Dispose();
}
