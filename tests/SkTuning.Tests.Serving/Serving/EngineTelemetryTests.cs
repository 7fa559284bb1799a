using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using SkTuning.Serving;
using SkTuning.Serving.Telemetry;

namespace SkTuning.Tests.Serving;

/// <summary>What metrics and traces contain. Meters are of the whole process, so no other test may serve at the same time.</summary>
[Collection(Alone.Name)]
public sealed class EngineTelemetryTests(MicroAdapters micro) : IClassFixture<MicroAdapters>
{
    [Fact]
    public async Task An_engine_reports_its_calls_its_batches_and_its_errors()
    {
        using var seen = new Seen();
        await using (var engine = new ClassifierEngine(micro.Model))
        {
            await engine.LoadAsync("topics", micro["topics"]);
            await engine.LoadAsync("levels", micro["levels"]);
            await Task.WhenAll(engine.ClassifyAsync("topics", "my card"), engine.ClassifyAsync("levels", [("my bill", null), ("good box", null)]));
            await Assert.ThrowsAsync<UnknownAdapterException>(() => engine.ClassifyAsync("made up", "my card"));
            seen.Observe();
        }
        Assert.Equal(["sktuning.serving.texts 1 sktuning.adapter=topics", "sktuning.serving.texts 2 sktuning.adapter=levels"],
            seen.Of("sktuning.serving.texts").OrderBy(l => l, StringComparer.Ordinal));
        Assert.Equal(["sktuning.serving.errors 1 error.type=SkTuning.Serving.UnknownAdapterException"], seen.Of("sktuning.serving.errors"));
        Assert.Equal(["levels", "topics"], seen.Of("sktuning.serving.duration").Select(l => l.Split('=')[1]).Order(StringComparer.Ordinal));
        Assert.Equal(3, seen.Of("sktuning.serving.batch.texts").Sum(l => int.Parse(l.Split(' ')[1])));
        Assert.Equal(6, seen.Of("sktuning.serving.batch.tokens").Sum(l => int.Parse(l.Split(' ')[1])));
        Assert.Equal(["sktuning.serving.adapters 2"], seen.Of("sktuning.serving.adapters"));
        Assert.Equal(["sktuning.serving.queue.texts 0"], seen.Of("sktuning.serving.queue.texts"));
        Assert.DoesNotContain(seen.All, l => l.Contains("card", StringComparison.Ordinal) || l.Contains("made up", StringComparison.Ordinal));
    }

    [Fact]
    public void Answers_are_counted_and_timed_for_each_adapter()
    {
        using var telemetry = new EngineTelemetry(() => 7, () => 2);
        using var seen = new Seen();
        telemetry.TextsAnswered("topics", 3, TimeSpan.FromMilliseconds(20));
        telemetry.TextsAnswered("spam", 1, TimeSpan.FromMilliseconds(5));
        Assert.Equal(["sktuning.serving.duration 0.02 sktuning.adapter=topics", "sktuning.serving.duration 0.005 sktuning.adapter=spam"],
            seen.Of("sktuning.serving.duration"));
        Assert.Equal(["sktuning.serving.texts 3 sktuning.adapter=topics", "sktuning.serving.texts 1 sktuning.adapter=spam"],
            seen.Of("sktuning.serving.texts"));
    }

    [Fact]
    public void A_batch_reports_its_contents_its_wait_and_its_time()
    {
        using var telemetry = new EngineTelemetry(() => 0, () => 0);
        using var seen = new Seen();
        telemetry.BatchRan(adapters: 5, texts: 40, tokens: 900, queue: TimeSpan.FromSeconds(0.25), run: TimeSpan.FromSeconds(0.5));
        Assert.Equal(["sktuning.serving.batch.adapters 5", "sktuning.serving.batch.texts 40", "sktuning.serving.batch.tokens 900",
            "sktuning.serving.queue.duration 0.25", "sktuning.serving.batch.duration 0.5"], seen.All);
    }

    [Fact]
    public void Histograms_advise_boundaries_that_suit_what_they_measure()
    {
        double[] seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
        int[] counts = [1, 2, 4, 8, 16, 32, 64, 128, 256], tokens = [16, 64, 256, 1024, 4096, 8192, 16384, 65536];
        var advised = new Dictionary<string, (string Unit, string Boundaries)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (i, _) => advised[i.Name] = (i.Unit!, i switch
            {
                Histogram<double> { Advice: { } advice } => string.Join(' ', advice.HistogramBucketBoundaries!),
                Histogram<int> { Advice: { } advice } => string.Join(' ', advice.HistogramBucketBoundaries!),
                _ => "",
            })
        };
        listener.Start();
        using var telemetry = new EngineTelemetry(() => 0, () => 0);
        foreach (var name in (string[])["sktuning.serving.duration", "sktuning.serving.queue.duration", "sktuning.serving.batch.duration"])
            Assert.Equal(("s", string.Join(' ', seconds)), advised[name]);
        Assert.Equal(("{text}", string.Join(' ', counts)), advised["sktuning.serving.batch.texts"]);
        Assert.Equal(("{adapter}", string.Join(' ', counts)), advised["sktuning.serving.batch.adapters"]);
        Assert.Equal(("{token}", string.Join(' ', tokens)), advised["sktuning.serving.batch.tokens"]);
    }

    [Fact]
    public void An_error_has_a_type_and_never_a_name_that_a_caller_made_up()
    {
        using var telemetry = new EngineTelemetry(() => 0, () => 0);
        using var seen = new Seen();
        telemetry.TextsRefused(null, 2, new UnknownAdapterException("made up"));
        telemetry.TextsRefused("topics", 1, new EngineFullException("my secret text"));
        Assert.Equal(["sktuning.serving.errors 2 error.type=SkTuning.Serving.UnknownAdapterException",
            "sktuning.serving.errors 1 sktuning.adapter=topics error.type=SkTuning.Serving.EngineFullException"], seen.All);
    }

    [Fact]
    public void The_queue_and_the_adapters_are_observed_when_somebody_asks_until_the_engine_ends()
    {
        var queued = 7;
        using var seen = new Seen();
        using (var telemetry = new EngineTelemetry(() => queued, () => 2))
        {
            seen.Observe();
            queued = 8;
            seen.Observe();
        }
        seen.Observe();
        Assert.Equal(["sktuning.serving.queue.texts 7", "sktuning.serving.adapters 2", "sktuning.serving.queue.texts 8", "sktuning.serving.adapters 2"],
            seen.All);
    }

    [Fact]
    public void A_batch_links_to_its_calls_and_is_a_part_of_none()
    {
        var stopped = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = s => s.Name == EngineTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = stopped.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var outer = new Activity("the caller").Start();
        using var call = EngineTelemetry.StartCall("topics", 3);
        Assert.NotNull(call);
        Assert.Equal(outer.SpanId, call.ParentSpanId);
        using (var batch = EngineTelemetry.StartBatch([call, null, call], adapters: 1, texts: 3, tokens: 30))
        {
            Assert.NotNull(batch);
            Assert.Equal(default, batch.ParentSpanId);
            Assert.Equal([call.Context], batch.Links.Select(l => l.Context));
        }
        EngineTelemetry.Failed(call, new EngineFullException("my secret text"));
        call.Dispose();
        Assert.Equal(["sktuning.serving.batch", "sktuning.serving.classify"], stopped.Select(a => a.OperationName));
        Assert.Equal("SkTuning.Serving.EngineFullException", call.GetTagItem("error.type"));
        Assert.Equal((ActivityStatusCode.Error, null), (call.Status, call.StatusDescription));
    }

    [Fact]
    public void Without_a_listener_there_is_no_activity()
    {
        Assert.Null(EngineTelemetry.StartCall("topics", 1));
        Assert.Null(EngineTelemetry.StartBatch([], 1, 1, 1));
    }

    /// <summary>Listens to the meter of engines and keeps what is measured as lines.</summary>
    private sealed class Seen : IDisposable
    {
        private readonly ConcurrentQueue<string> _lines = new();

        private readonly MeterListener _listener = new();

        public Seen()
        {
            _listener.InstrumentPublished = (i, l) => { if (i.Meter.Name == EngineTelemetry.Name) l.EnableMeasurementEvents(i); };
            _listener.SetMeasurementEventCallback<int>((i, value, tags, _) => Add(i, value, tags));
            _listener.SetMeasurementEventCallback<long>((i, value, tags, _) => Add(i, value, tags));
            _listener.SetMeasurementEventCallback<double>((i, value, tags, _) => Add(i, value, tags));
            _listener.Start();
        }

        public IEnumerable<string> All => _lines;

        public IEnumerable<string> Of(string instrument) => _lines.Where(l => l.StartsWith(instrument + " ", StringComparison.Ordinal));

        public void Observe() => _listener.RecordObservableInstruments();

        public void Dispose() => _listener.Dispose();

        private void Add(Instrument instrument, IFormattable value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var line = $"{instrument.Name} {value.ToString(null, System.Globalization.CultureInfo.InvariantCulture)}";
            foreach (var tag in tags) line += $" {tag.Key}={tag.Value}";
            _lines.Enqueue(line);
        }
    }
}
