using System.Text.Json.Nodes;

namespace SkTuning.Tests.OnnxRuntime;

/// <summary>An exported adapter in ONNX Runtime gives the predictions of the library.</summary>
public sealed class OnnxAdapterTests(Exports exports) : IClassFixture<Exports>
{
    public static TheoryData<string> Kinds() =>
        ["single-label", "windows", "prefix", "sets", "mahalanobis", "neighbors", "energy", "multi-label", "regression", "ordinal", "tokens"];

    [Theory, MemberData(nameof(Kinds))]
    public void Predictions_are_those_of_the_library(string kind)
    {
        var (adapter, folder) = exports.Of(kind);
        using var exported = OnnxAdapter.Load(folder);
        Assert.Equal([.. adapter.Labels], exported.Labels);
        Assert.Equal((adapter.Task.Name, adapter.Prompt, adapter.Method, adapter.ReadsPairs),
            (exported.Task, exported.Prompt, exported.Method, exported.ReadsPairs));
        Assert.Equal(exports.Model.Fingerprint, exported.Base);
        string[] texts = [.. Exports.Texts, .. Exports.Rows.Select(r => r.Text)];
        AssertSame(adapter.PredictTexts(texts), exported.PredictTexts(texts));
    }

    [Fact]
    public void Pairs_are_those_of_the_library()
    {
        var (adapter, folder) = exports.Of("pairs");
        using var exported = OnnxClassifier.Load(folder);
        AssertSame([((TextClassifier)adapter).PredictPair("my card", "good bill")], [exported.PredictPair("my card", "good bill")]);
        Assert.Contains("second text is missing", Assert.ThrowsAny<SkTuningException>(() => exported.Predict("my card")).Message);
    }

    [Fact]
    public void Each_task_has_a_class_and_another_one_is_refused_by_name()
    {
        Assert.IsType<OnnxClassifier>(Loaded("single-label"));
        Assert.IsType<OnnxMultiLabelClassifier>(Loaded("multi-label"));
        Assert.IsType<OnnxRegressor>(Loaded("regression"));
        Assert.IsType<OnnxOrdinalClassifier>(Loaded("ordinal"));
        Assert.IsType<OnnxTokenClassifier>(Loaded("tokens"));
        var e = Assert.Throws<SkTuningFileException>(() => OnnxRegressor.Load(exports.Of("ordinal").Folder));
        Assert.Contains("'task' is \"ordinal\", expected \"regression\"", e.Message);

        OnnxAdapter Loaded(string kind)
        {
            var adapter = OnnxAdapter.Load(exports.Of(kind).Folder);
            adapter.Dispose();
            return adapter;
        }
    }

    [Fact]
    public void Both_classifiers_are_used_through_one_interface()
    {
        var (adapter, folder) = exports.Of("sets");
        using var exported = OnnxClassifier.Load(folder);
        AssertSame([First((TextClassifier)adapter)], [First(exported)]);

        static TextClassifierPrediction First(ITextClassifier classifier)
        {
            Assert.Equal((1.5, 0.4), (classifier.Decision.Temperature, classifier.Decision.ConfidenceThreshold));
            return classifier.Predict("my parcel");
        }
    }

    [Fact]
    public void Another_decision_shares_the_model()
    {
        var first = OnnxClassifier.Load(exports.Of("single-label").Folder);
        using var second = first.WithDecision(first.Decision with { ConfidenceThreshold = 1 });
        Assert.True(first.Predict("my parcel").IsConfident);
        first.Dispose();
        Assert.False(second.Predict("my parcel").IsConfident);
        Assert.Throws<ObjectDisposedException>(() => first.Predict("my parcel"));
        Assert.ThrowsAny<SkTuningException>(() => second.WithDecision(new() { Temperature = 0 }));
    }

    [Fact]
    public void A_prediction_does_not_depend_on_the_batch()
    {
        using var exported = OnnxAdapter.Load(exports.Of("prefix").Folder);
        string[] texts = [.. Exports.Texts, .. Exports.Rows.Select(r => r.Text)];
        AssertSame([.. texts.Select(t => exported.PredictTexts([t])[0])], exported.PredictTexts(texts));
    }

    [Fact]
    public void Several_threads_use_one_classifier()
    {
        using var exported = OnnxClassifier.Load(exports.Of("single-label").Folder, new() { Threads = 1 });
        var expected = exported.Predict(Exports.Texts);
        Parallel.For(0, 64, i => Assert.Equal(expected[i % expected.Count].Label, exported.Predict(Exports.Texts[i % expected.Count]).Label));
    }

    [Fact]
    public async Task Calls_under_way_end_as_usual_when_the_classifier_is_disposed()
    {
        var exported = OnnxClassifier.Load(exports.Of("single-label").Folder);
        string[] texts = [.. Enumerable.Repeat("my parcel please", 2000)];
        var call = Task.Run(() => exported.Predict(texts));
        exported.Dispose();
        try { Assert.Equal(texts.Length, (await call).Count); }
        catch (ObjectDisposedException) { }                                    // it had not begun
        Assert.Throws<ObjectDisposedException>(() => exported.Predict("my parcel"));
    }

    [Fact]
    public async Task A_stream_is_predicted_in_its_order()
    {
        using var exported = OnnxClassifier.Load(exports.Of("single-label").Folder);
        var predictions = new List<TextClassifierPrediction>();
        await foreach (var prediction in exported.PredictAsync(Stream(), TimeSpan.Zero, TestContext.Current.CancellationToken)) predictions.Add(prediction);
        AssertSame(exported.Predict([.. Exports.Rows.Select(r => r.Text)]), predictions);

        static async IAsyncEnumerable<string> Stream()
        {
            foreach (var row in Exports.Rows)
            {
                await Task.Yield();
                yield return row.Text;
            }
        }
    }

    [Fact]
    public void A_cancellation_and_wrong_arguments_are_reported()
    {
        var folder = exports.Of("single-label").Folder;
        using var exported = OnnxClassifier.Load(folder);
        Assert.ThrowsAny<OperationCanceledException>(() => exported.Predict(["a"], new CancellationToken(true)));
        Assert.Throws<ArgumentNullException>(() => exported.Predict((string)null!));
        Assert.Equal("The text is null, expected a text.", exported.Predict(["a", null!])[1].Error);
        var wrong = Assert.ThrowsAny<SkTuningException>(() => OnnxAdapter.Load(folder, new() { Threads = -1 }));
        Assert.Contains("OnnxAdapterOptions.Threads is -1", wrong.Message);
    }

    /// <summary>Equal labels and everything else; numbers to 1e-4.</summary>
    private static void AssertSame(IReadOnlyList<TaskPrediction> expected, IReadOnlyList<TaskPrediction> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        foreach (var (e, a) in expected.Zip(actual))
        {
            Assert.Equal(e.WasTruncated, a.WasTruncated);
            AssertSame(e.ToJson(), a.ToJson(), e.ToString());
        }
    }

    private static void AssertSame(JsonNode? expected, JsonNode? actual, string what)
    {
        if (expected is JsonObject e && actual is JsonObject a)
        {
            Assert.Equal(e.Select(p => p.Key), a.Select(p => p.Key));
            foreach (var (key, value) in e) AssertSame(value, a[key], $"{what}: {key}");
        }
        else if (expected is JsonArray left && actual is JsonArray right)
        {
            Assert.Equal(left.Count, right.Count);
            for (var i = 0; i < left.Count; i++) AssertSame(left[i], right[i], what);
        }
        else if (expected is JsonValue x && x.TryGetValue<double>(out var wanted))
        {
            var found = actual!.GetValue<double>();
            Assert.True(Math.Abs(wanted - found) <= 1e-4 * Math.Max(1, Math.Abs(wanted)), $"{what}: {found}, expected {wanted}");
        }
        else Assert.Equal(expected?.ToJsonString(), actual?.ToJsonString());
    }
}
