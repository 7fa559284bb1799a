using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace SkTuning.Tests.Classifiers;

/// <summary>What every task does alike: training, loading by name, prediction, streams, evaluation, continuing.</summary>
public sealed class EveryTaskTests(TrainedOnTiny tiny) : IClassFixture<TrainedOnTiny>
{
    private const string Question = "where is my parcel?";

    public static IEnumerable<TheoryDataRow<string>> Tasks() => TaskKinds.All.Select(k => new TheoryDataRow<string>(k.Name));

    [Theory, MemberData(nameof(Tasks))]
    public void An_adapter_is_loaded_as_the_class_for_its_task(string task)
    {
        using var folder = new TemporaryFolder();
        using var trained = Train(task);
        trained.Save(folder["a"]);
        Assert.Equal(task, TunedAdapter.TaskOf(folder["a"]).Name);
        using var loaded = TunedAdapter.Load(folder["a"], tiny.Model);
        Assert.IsType(trained.GetType(), loaded);
        Assert.Equal([.. trained.Labels], loaded.Labels);
        Assert.Equal(trained.PredictTexts([Question])[0].ToJson().ToJsonString(), loaded.PredictTexts([Question])[0].ToJson().ToJsonString());
    }

    [Theory, MemberData(nameof(Tasks))]
    public void A_text_that_cannot_be_read_has_an_error_and_the_others_an_answer(string task)
    {
        using var adapter = Train(task);
        var predictions = adapter.PredictTexts([Question, null!, "a refund"]);
        Assert.Equal([null, "The text is null, expected a text.", null], predictions.Select(p => p.Error));
        Assert.Equal(["error"], predictions[1].ToJson().Select(p => p.Key));
        Assert.All(predictions, p => Assert.NotEmpty(p.ToString()));
    }

    [Theory, MemberData(nameof(Tasks))]
    public void Evaluation_gives_a_report_as_text_and_as_JSON(string task)
    {
        using var adapter = Train(task);
        var report = adapter switch
        {
            TunedAdapter<Row> texts => texts.EvaluateRows(Rows(task)),
            TunedAdapter<TokenRow> words => words.EvaluateRows(Words()),
            _ => throw new InvalidOperationException(task),
        };
        Assert.Equal(task == "tokens" ? Words().Count : Rows(task).Count, report.Rows);
        Assert.Equal(report.Rows, report.ToJson()["rows"]!.GetValue<int>());
        Assert.NotEmpty(report.ToString());
    }

    [Theory, MemberData(nameof(Tasks))]
    public void Training_continues_from_an_adapter_of_the_task(string task)
    {
        using var folder = new TemporaryFolder();
        using (var first = Train(task)) first.Save(folder["a"]);
        using var second = Train(task, folder["a"]);
        Assert.Equal(0, second.Report!.Epochs[0].Epoch);
        Assert.Equal("probe", second.Method);
        var other = TaskKinds.All.First(k => k.Name != task).Name;
        Assert.Contains($"\"{task}\"", Assert.ThrowsAny<SkTuningException>(() => Train(other, folder["a"]).Dispose()).Message);
    }

    [Fact]
    public void A_single_text_that_cannot_be_read_throws()
    {
        Assert.Contains("single texts", Assert.ThrowsAny<SkTuningException>(() => tiny.Classifier.PredictPair("a", "b")).Message);
        using var pairs = TextClassifier.Train(tiny.Model, [.. tiny.Rows.Select(r => r with { Text2 = "b" })], new() { Method = new ProbeOptions() });
        Assert.Contains("pairs", Assert.ThrowsAny<SkTuningException>(() => pairs.Predict("a")).Message);
        Assert.Throws<ArgumentNullException>(() => tiny.Classifier.Predict((string)null!));
    }

    [Fact]
    public void Missing_arguments_are_programming_errors()
    {
        Assert.Throws<ArgumentNullException>("model", () => TextClassifier.Train((FrozenModel)null!, tiny.Rows, new()));
        Assert.Throws<ArgumentNullException>("rows", () => TextRegressor.Train(tiny.Model, null!, new()));
        Assert.Throws<ArgumentNullException>("options", () => MultiLabelClassifier.Train(tiny.Model, tiny.Rows, null!));
        Assert.Throws<ArgumentNullException>("session", () => TokenClassifier.Train((TrainingSession)null!, Words(), new()));
        Assert.Throws<ArgumentNullException>("folder", () => TextClassifier.Load(null!, tiny.Model));
        Assert.Throws<ArgumentNullException>("rows", () => tiny.Classifier.Evaluate(null!));
    }

    [Fact]
    public async Task A_slow_stream_gets_each_answer_before_the_next_text_arrives()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var texts = Channel.CreateUnbounded<string>();
        await using var answers = tiny.Classifier.PredictAsync(texts.Reader.ReadAllAsync(cancellation), cancellationToken: cancellation)
            .GetAsyncEnumerator(cancellation);
        foreach (var text in (string[])[Question, "a refund", "the zip broke"])
        {
            await texts.Writer.WriteAsync(text, cancellation);
            Assert.True(await answers.MoveNextAsync());                 // no further text has been written: waiting for one would never end
            Assert.Equal(tiny.Classifier.Predict(text).Label, answers.Current.Label);
        }
        texts.Writer.Complete();
        Assert.False(await answers.MoveNextAsync());
    }

    [Fact]
    public async Task A_stream_that_fails_gives_the_answers_before_the_failure()
    {
        var answers = new List<string>();
        var e = await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            await foreach (var p in tiny.Classifier.PredictAsync(Failing(), TimeSpan.Zero, TestContext.Current.CancellationToken)) answers.Add(p.Label);
        });
        Assert.Equal(("the source ended", 2), (e.Message, answers.Count));

        static async IAsyncEnumerable<string> Failing([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            yield return Question;
            await Task.Delay(1, cancellationToken);
            yield return "a refund";
            throw new InvalidDataException("the source ended");
        }
    }

    [Fact]
    public async Task A_stream_that_is_canceled_or_left_stops_reading_its_source()
    {
        var (read, ended) = (0, false);
        await foreach (var _ in tiny.Classifier.PredictAsync(Endless(), cancellationToken: TestContext.Current.CancellationToken)) break;
        Assert.True(ended);
        using var source = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in tiny.Classifier.PredictAsync(Endless(), cancellationToken: source.Token)) await source.CancelAsync();
        });
        Assert.True(read > 0);

        async IAsyncEnumerable<string> Endless([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            ended = false;
            try
            {
                while (true)
                {
                    read++;
                    yield return Question;
                    await Task.Delay(1, cancellationToken);
                }
            }
            finally { ended = true; }
        }
    }

    [Fact]
    public async Task A_source_that_ignores_cancellation_does_not_hold_up_who_leaves()
    {
        var never = new TaskCompletionSource();
        await foreach (var p in tiny.Classifier.PredictAsync(Console(), TimeSpan.Zero, TestContext.Current.CancellationToken)) break;
        Assert.False(never.Task.IsCompleted);
        never.SetResult();

        async IAsyncEnumerable<string> Console()
        {
            yield return Question;
            await never.Task;
        }
    }

    [Fact]
    public async Task A_stream_may_wait_until_a_batch_is_full()
    {
        foreach (var latency in (TimeSpan[])[TimeSpan.MaxValue, Timeout.InfiniteTimeSpan])
        {
            var answers = new List<TextClassifierPrediction>();
            await foreach (var p in tiny.Classifier.PredictAsync(Texts(), latency, TestContext.Current.CancellationToken)) answers.Add(p);
            Assert.Equal(2, answers.Count);
        }
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("latency", async () =>
        {
            await foreach (var p in tiny.Classifier.PredictAsync(Texts(), TimeSpan.FromSeconds(-2), TestContext.Current.CancellationToken)) { }
        });

        static async IAsyncEnumerable<string> Texts()
        {
            yield return Question;
            await Task.Yield();
            yield return "a refund";
        }
    }

    [Fact]
    public void A_canceled_training_holds_its_result_typed()
    {
        using var source = new CancellationTokenSource();
        var stop = new TrainedOnTiny.Now(p => source.Cancel());
        var e = Assert.Throws<TrainingCanceledException<TextRegressor>>(
            () => TextRegressor.Train(tiny.Model, Rows("regression"), new() { Prompt = "How long?", Training = new() { Epochs = 20 } }, stop, source.Token));
        using var result = e.Result;
        Assert.True(double.IsFinite(result.Predict(Question).Value));
    }

    [Fact]
    public void A_decision_shares_the_adapter_which_outlives_the_first_owner()
    {
        using var folder = new TemporaryFolder();
        tiny.Classifier.Save(folder["a"]);
        var first = TextClassifier.Load(folder["a"], tiny.Model);
        var second = first.WithDecision(new() { ConfidenceThreshold = 1 });
        first.Dispose();
        first.Dispose();
        Assert.False(second.Predict(Question).IsConfident);
        second.Dispose();
        Assert.True(second.Adapter.Tuned.Parameters.Values.IsInvalid);
        Assert.Throws<ObjectDisposedException>(() => second.WithDecision(new()));
        Assert.Contains("ClassificationDecision.Temperature",
            Assert.ThrowsAny<SkTuningException>(() => tiny.Classifier.WithDecision(new() { Temperature = 0 })).Message);
    }

    [Fact]
    public void Heads_of_transformers_serve_other_tasks_too_and_words_need_linear()
    {
        using var classifier = MultiLabelClassifier.Train(tiny.Model, Rows("multi-label"),
            new() { Method = new ProbeOptions(), Head = new HuggingFaceHeadOptions() });
        Assert.Equal("hf", classifier.Definition.Head.Name);
        var e = Assert.ThrowsAny<SkTuningException>(() => TokenClassifier.Train(tiny.Model, Words(),
            new() { Method = new ProbeOptions(), Head = new HuggingFaceHeadOptions() }));
        Assert.Contains("head hf has one answer per text", e.Message);
    }

    [Fact]
    public void A_decision_keeps_its_thresholds()
    {
        using var classifier = (MultiLabelClassifier)Train("multi-label");
        double[] thresholds = [.. classifier.Labels.Select(_ => 0.25)];
        using var other = classifier.WithDecision(new(thresholds));
        thresholds[0] = 7;
        Assert.All(other.Decision.Thresholds, t => Assert.Equal(0.25, t));
        Assert.Contains("[7, 0.25", Assert.ThrowsAny<SkTuningException>(() => classifier.WithDecision(new(thresholds))).Message);
    }

    [Fact]
    public void Training_evaluation_and_calibration_name_the_row_that_cannot_be_read()
    {
        using var words = (TokenClassifier)Train("tokens");
        Assert.StartsWith("Row 2 of the rows to evaluate is null", Assert.ThrowsAny<SkTuningException>(() => words.Evaluate([Words()[0], null!])).Message);
        Assert.StartsWith("Row 1 of the training rows is null",
            Assert.ThrowsAny<SkTuningException>(() => MultiLabelClassifier.Train(tiny.Model, [null!, .. tiny.Rows], new())).Message);
        Assert.Contains("word 2 is null", Assert.ThrowsAny<SkTuningException>(() => new TokenRow(["Emma", null!], [])).Message);
        Assert.Contains("row 2", Assert.ThrowsAny<SkTuningException>(
            () => tiny.Classifier.Calibrate([tiny.Rows[0], new Row("a", "no such label")])).Message, StringComparison.OrdinalIgnoreCase);
    }

    private TunedAdapter Train(string task, string? start = null)
    {
        using var session = new TrainingSession(tiny.Model);
        return TaskKinds.Get(task) switch
        {
            TaskKind<Row> kind => kind.Train(session, Rows(task), Filled(kind.CreateOptions(), start)),
            TaskKind<TokenRow> kind => kind.Train(session, Words(), Filled(kind.CreateOptions(), start)),
            _ => throw new InvalidOperationException(task),
        };
    }

    private static AdapterOptions<T> Filled<T>(AdapterOptions<T> options, string? start)
        => options with { Method = start is null ? new ProbeOptions() : options.Method, StartFrom = start, Training = options.Training with { Epochs = 1 } };

    private IReadOnlyList<Row> Rows(string task)
        => task == "regression" ? [.. tiny.Rows.Select(r => new Row(r.Text, FormattableString.Invariant($"{r.Text.Length}")))] : tiny.Rows;

    private static IReadOnlyList<TokenRow> Words()
        => [.. Enumerable.Range(0, 12).Select(i => new TokenRow(["Emma", "went", "to", i % 2 == 0 ? "Rome" : "Paris"], ["B-PER", "O", "O", "B-LOC"]))];
}
