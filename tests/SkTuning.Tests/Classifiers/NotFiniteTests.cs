using SkTuning.Batches;
using SkTuning.Checkpoints;
using static TorchSharp.torch;

namespace SkTuning.Tests.Classifiers;

/// <summary>Numbers that are not finite are reported with their reason, whatever the task, and never become labels, metrics or files.</summary>
public sealed class NotFiniteTests : IDisposable
{
    private const string Text = "my card was refused", Reason = "not finite in Float16. Use BFloat16 or Float32.";

    private readonly TemporaryFolder _folder = new();
    private readonly FrozenModel _exact, _half;

    public NotFiniteTests()
    {
        var model = OverflowingModel.Write(_folder["model"]);
        (_exact, _half) = (FrozenModel.Load(model, new() { Device = "cpu" }), FrozenModel.Load(model, new() { Device = "cpu", Precision = Precision.Float16 }));
    }

    public static IEnumerable<TheoryDataRow<string>> Tasks() => TaskKinds.All.Select(k => new TheoryDataRow<string>(k.Name));

    [Theory, MemberData(nameof(Tasks))]
    public void A_text_whose_scores_are_not_finite_has_an_error_with_the_reason(string task)
    {
        using var half = Trained(task);
        var prediction = half.PredictTexts([Text])[0];
        Assert.Equal("The scores of the text are not finite numbers: the model's states are " + Reason, prediction.Error);
        Assert.Equal(["error"], prediction.ToJson().Select(p => p.Key));
        Assert.StartsWith("error\t", prediction.ToString());
    }

    [Theory, MemberData(nameof(Tasks))]
    public void An_evaluation_is_refused_with_the_number_of_rows(string task)
    {
        using var half = Trained(task);
        var e = Assert.ThrowsAny<SkTuningException>(() => half switch
        {
            TunedAdapter<Row> texts => texts.EvaluateRows(Rows(task)),
            TunedAdapter<TokenRow> words => (object)words.EvaluateRows(Words()),
            _ => throw new InvalidOperationException(task),
        });
        Assert.Contains("The scores of 8 of the 8 rows", e.Message);
        Assert.EndsWith(Reason, e.Message);
    }

    [Theory, MemberData(nameof(Tasks))]
    public void A_head_is_not_trained_on_states_that_are_not_finite(string task)
    {
        var e = Assert.ThrowsAny<SkTuningException>(() => Train(_half, task, new ProbeOptions()).Dispose());
        Assert.Equal("The scores of 8 of the 8 training rows are not finite numbers: the model's states are " + Reason, e.Message);
    }

    [Theory, InlineData("sk-prefix"), InlineData("sk-prompt"), InlineData("lora"), InlineData("ia3"), InlineData("bitfit"), InlineData("top-layers"),
        InlineData("layer-mix"), InlineData("prefix"), InlineData("prompt"), InlineData("p-tuning"), InlineData("l-tuning"), InlineData("authors-llm")]
    public void No_method_is_trained_on_states_that_are_not_finite(string method)
    {
        foreach (var headFirst in (bool[])[true, false])
        {
            var e = Assert.ThrowsAny<SkTuningException>(() => Train(_half, "single-label", TuningOptions.Create(method), headFirst).Dispose());
            Assert.EndsWith(Reason, e.Message);
            Assert.IsNotType<TrainingDivergedException>(e, exactMatch: false);
        }
    }

    [Fact]
    public void Zero_shot_is_refused_too()
    {
        var e = Assert.ThrowsAny<SkTuningException>(() => Train(_half, "single-label", new ZeroShotOptions()).Dispose());
        Assert.Equal("The scores of 8 of the 8 dev rows are not finite numbers: the model's states are " + Reason, e.Message);
    }

    [Fact]
    public void Answers_are_not_ranked_by_scores_that_are_not_finite()
        => Assert.EndsWith(Reason, Assert.ThrowsAny<SkTuningException>(() => AnswerRanker.Rank(_half, "where is my", ["box", "card"])).Message);

    [Fact]
    public void Decisions_and_explanations_are_not_made_from_scores_that_are_not_finite()
    {
        using var half = (TextClassifier)Trained("single-label");
        foreach (var action in (Action[])[
            () => half.Calibrate(OverflowingModel.Rows), () => half.Coverage(OverflowingModel.Rows), () => half.RequireAccuracy(0.5, OverflowingModel.Rows),
            () => half.RequireCoverage(0.5, OverflowingModel.Rows), () => half.Explain(Text), () => half.Predict(Text)])
            Assert.EndsWith(Reason, Assert.ThrowsAny<SkTuningException>(action).Message);
    }

    [Fact]
    public void The_search_for_a_learning_rate_gives_the_reason()
    {
        using var session = new TrainingSession(_half);
        var (rows, options) = (OverflowingModel.Rows, new TextClassifierOptions { Prompt = "is it box", Dev = OverflowingModel.Rows });
        var e = Assert.ThrowsAny<SkTuningException>(() => session.FindLearningRate(
            (s, o) => TextClassifier.Train(s, rows, options with { Training = o }), new(), steps: 2));
        Assert.EndsWith(Reason, e.Message);
    }

    [Fact]
    public void The_check_of_a_model_names_states_that_are_not_finite()
        => Assert.EndsWith(Reason, Assert.ThrowsAny<SkTuningException>(() => SkTuning.Diagnostics.SelfCheck.Run(_half)).Message);

    [Fact]
    public void Words_that_the_model_does_not_read_have_no_weight_and_a_text_of_any_length_is_explained()
    {
        using var classifier = TextClassifier.Train(_exact, OverflowingModel.Rows,
            new() { Method = new ProbeOptions(), Dev = OverflowingModel.Rows, MaxTokens = 8, Training = new() { Epochs = 1 } });
        foreach (var kind in Enum.GetValues<ExplanationKind>())
        {
            var explanation = classifier.Explain(string.Concat(Enumerable.Repeat("my box is late ", 5000)), kind: kind);
            Assert.Equal(20_000, explanation.Words.Count);
            Assert.All(explanation.Words, w => Assert.True(double.IsFinite(w.Weight)));
            Assert.Contains(explanation.Words.Take(8), w => w.Weight != 0);
            Assert.All(explanation.Words.Skip(9), w => Assert.Equal(0, w.Weight));
        }
    }

    [Fact]
    public void Weights_that_are_not_numbers_are_named_as_the_reason()
    {
        var damaged = OverflowingModel.Write(_folder["nan"], (name, value) => name.Contains("norm") ? value * float.NaN : value);
        using var model = FrozenModel.Load(damaged, new() { Device = "cpu" });
        Assert.Contains("weights that are not numbers", Assert.ThrowsAny<SkTuningException>(() => Train(model, "single-label", new ProbeOptions())).Message);
    }

    [Theory, InlineData(float.NaN, "not a number (NaN)"), InlineData(float.NegativeInfinity, "infinite")]
    public void Tensors_that_are_not_finite_are_neither_saved_nor_loaded_nor_continued_from(float value, string found)
    {
        using var adapter = (TextClassifier)Train(_exact, "single-label", new ProbeOptions());
        adapter.Save(_folder["a"]);
        var file = Path.Combine(_folder["a"], "adapter.safetensors");
        using (NewDisposeScope())
        using (no_grad())
        {
            var (tensors, metadata) = Fixtures.Read(file);
            tensors["head.bias"][1] = tensor(value);
            SafetensorsWriter.Write(file, [.. tensors.Select(t => (t.Key, t.Value))], metadata.ToDictionary());
            adapter.Adapter.Tuned.Parameters["head.bias"].detach()[1] = tensor(value);
        }
        var stored = $"'head.bias' is {found}, expected finite numbers";
        Assert.Contains(stored, Assert.ThrowsAny<SkTuningException>(() => TextClassifier.Load(_folder["a"], _exact)).Message);
        var options = new TextClassifierOptions { StartFrom = _folder["a"], Dev = OverflowingModel.Rows, Method = new ProbeOptions() };
        Assert.Contains(stored, Assert.ThrowsAny<SkTuningException>(() => TextClassifier.Train(_exact, OverflowingModel.Rows, options)).Message);
        Assert.Contains(stored, Assert.ThrowsAny<SkTuningException>(() => adapter.Save(_folder["b"])).Message);
        Assert.False(Directory.Exists(_folder["b"]));
        Assert.Contains("weights that are not numbers", adapter.Predict([Text])[0].Error);
    }

    [Fact]
    public void One_bad_row_among_others_does_not_affect_them()
    {
        using var classifier = (TextClassifier)Train(_exact, "single-label", new ProbeOptions());
        var whole = classifier.Predict([Text, "where is my parcel"]);
        using var scores = tensor(new float[] { 1, 2, float.NaN, 0, 3, float.PositiveInfinity }).view(3, 2);
        Assert.Equal([true, false, false], Finite.Answers(scores)!);
        Assert.All(whole, p => Assert.Null(p.Error));
    }

    [Fact]
    public void Every_place_of_a_value_that_is_not_finite_is_found()
    {
        for (var length = 1; length < 40; length++)
            foreach (var bad in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
                for (var at = 0; at < length; at++)
                {
                    var values = Enumerable.Range(0, length).Select(i => i % 2 == 0 ? -0f : float.MaxValue).ToArray();
                    Assert.True(Finite.All(values));
                    values[at] = bad;
                    Assert.False(Finite.All(values));
                }
    }

    /// <summary>An adapter trained in fp32, on the same model in fp16.</summary>
    private TunedAdapter Trained(string task)
    {
        using var trained = Train(_exact, task, new ProbeOptions());
        trained.Save(_folder["trained"]);
        return TunedAdapter.Load(_folder["trained"], _half);
    }

    private static TunedAdapter Train(FrozenModel model, string task, TuningOptions method, bool headFirst = true)
    {
        var training = new TrainingOptions { Epochs = 1, HeadFirst = headFirst };
        using var session = new TrainingSession(model);
        return TaskKinds.Get(task) switch
        {
            TaskKind<TokenRow> kind => kind.Train(session, Words(), kind.CreateOptions() with { Method = method, Dev = Words(), Training = training }),
            TaskKind<Row> kind => kind.Train(session, Rows(task), kind.CreateOptions() with
            {
                Prompt = "is it box",
                Method = method,
                Dev = Rows(task),
                Training = training,
                Template = method is ZeroShotOptions ? "{text} it is" : "{text}",
                LabelWords = method is ZeroShotOptions ? new Dictionary<string, string> { ["money"] = "card" } : null,
            }),
            _ => throw new InvalidOperationException(task),
        };
    }

    private static IReadOnlyList<Row> Rows(string task)
        => task == "regression" ? [.. OverflowingModel.Rows.Select((r, i) => r with { Label = $"{i}" })] : OverflowingModel.Rows;

    private static IReadOnlyList<TokenRow> Words()
        => [.. OverflowingModel.Rows.Select(r => r.Text.Split(' ')).Select(w => new TokenRow(w, [.. w.Select(x => x == "parcel" ? "B-THING" : "O")]))];

    public void Dispose()
    {
        _exact.Dispose();
        _half.Dispose();
        _folder.Dispose();
    }
}
