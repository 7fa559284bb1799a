using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace SkTuning.Serving.Telemetry;

/// <summary>
/// What OpenTelemetry and dotnet-counters can observe of an engine. The meter and the activity source are both named SkTuning.Serving. Nothing is computed
/// without a listener, and no text is part of a tag. An adapter is a tag only where it is one that is served: names that callers make up would fill memory.
/// </summary>
internal sealed class EngineTelemetry : IDisposable
{
    public const string Name = "SkTuning.Serving";

    private static readonly ActivitySource Source = new(Name);

    private static readonly double[] Seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private static readonly int[] Counts = [1, 2, 4, 8, 16, 32, 64, 128, 256];

    private static readonly int[] TokenCounts = [16, 64, 256, 1024, 4096, 8192, 16384, 65536];

    private readonly Meter _meter = new(Name);

    private readonly Counter<long> _answered, _refused;
    private readonly Histogram<double> _latency, _queue, _run;
    private readonly Histogram<int> _texts, _tokens, _adapters;

    /// <summary>Starts to measure an engine.</summary>
    /// <param name="queuedTexts">Returns the number of texts that wait; called by listeners on any thread.</param>
    /// <param name="adapters">Returns the number of adapters that are served; called by listeners on any thread.</param>
    public EngineTelemetry(Func<int> queuedTexts, Func<int> adapters)
    {
        _answered = _meter.CreateCounter<long>("sktuning.serving.texts", "{text}", "Texts answered.");
        _refused = _meter.CreateCounter<long>("sktuning.serving.errors", "{text}", "Texts that were not answered, by error.type.");
        _latency = Histogram("sktuning.serving.duration", "s", "Time from the acceptance of a call to its answer.", Seconds);
        _queue = Histogram("sktuning.serving.queue.duration", "s", "Longest time that a text of a batch waited.", Seconds);
        _run = Histogram("sktuning.serving.batch.duration", "s", "Time of the model for a batch.", Seconds);
        _texts = Histogram("sktuning.serving.batch.texts", "{text}", "Texts of a batch.", Counts);
        _tokens = Histogram("sktuning.serving.batch.tokens", "{token}", "Tokens of the texts of a batch.", TokenCounts);
        _adapters = Histogram("sktuning.serving.batch.adapters", "{adapter}", "Adapters that share a batch.", Counts);
        _meter.CreateObservableUpDownCounter("sktuning.serving.queue.texts", queuedTexts, "{text}", "Texts that wait for a worker.");
        _meter.CreateObservableUpDownCounter("sktuning.serving.adapters", adapters, "{adapter}", "Adapters that are served.");
    }

    /// <summary>The engine answered a call of an adapter that is served.</summary>
    /// <param name="adapter">The name of the adapter.</param>
    /// <param name="texts">The number of texts of the call.</param>
    /// <param name="latency">The time from the acceptance of the call to its answer.</param>
    public void TextsAnswered(string adapter, int texts, TimeSpan latency)
    {
        var tag = Tag("sktuning.adapter", adapter);
        _answered.Add(texts, tag);
        _latency.Record(latency.TotalSeconds, tag);
    }

    /// <summary>The engine did not answer texts.</summary>
    /// <param name="adapter">The name of the adapter; <see langword="null"/> if none of that name is served.</param>
    /// <param name="texts">The number of texts.</param>
    /// <param name="reason">The exception that the caller gets; its type is the tag error.type.</param>
    public void TextsRefused(string? adapter, int texts, Exception reason)
    {
        if (adapter is null) _refused.Add(texts, Tag("error.type", TypeOf(reason)));
        else _refused.Add(texts, Tag("sktuning.adapter", adapter), Tag("error.type", TypeOf(reason)));
    }

    /// <summary>The model has run a batch.</summary>
    /// <param name="adapters">The number of adapters that shared it.</param>
    /// <param name="texts">The number of texts.</param>
    /// <param name="tokens">The number of tokens of the texts, without padding.</param>
    /// <param name="queue">The longest time that one of its texts waited.</param>
    /// <param name="run">The time of the model.</param>
    public void BatchRan(int adapters, int texts, int tokens, TimeSpan queue, TimeSpan run)
    {
        _adapters.Record(adapters);
        _texts.Record(texts);
        _tokens.Record(tokens);
        _queue.Record(queue.TotalSeconds);
        _run.Record(run.TotalSeconds);
    }

    /// <summary>Starts the activity of a call, in the activity of the caller; null without a listener. Dispose it when the call ends.</summary>
    public static Activity? StartCall(string adapter, int texts)
        => Source.StartActivity("sktuning.serving.classify")?.SetTag("sktuning.adapter", adapter).SetTag("sktuning.texts", texts);

    /// <summary>
    /// Starts the activity of a batch, which belongs to no caller and links to the calls whose texts it contains; null without a listener.
    /// </summary>
    public static Activity? StartBatch(IEnumerable<Activity?> calls, int adapters, int texts, int tokens)
    {
        if (!Source.HasListeners()) return null;
        var links = calls.OfType<Activity>().Select(a => a.Context).Distinct().Select(c => new ActivityLink(c));
        var tags = new ActivityTagsCollection { ["sktuning.adapters"] = adapters, ["sktuning.texts"] = texts, ["sktuning.tokens"] = tokens };
        Activity.Current = null;                                             // what a worker's thread inherited is no parent of a batch
        return Source.StartActivity("sktuning.serving.batch", ActivityKind.Internal, default(ActivityContext), tags, [.. links]);
    }

    /// <summary>Notes in an activity why it failed, without the message, which can quote a text.</summary>
    public static void Failed(Activity? activity, Exception reason) => activity?.SetTag("error.type", TypeOf(reason)).SetStatus(ActivityStatusCode.Error);

    /// <summary>Stops measuring.</summary>
    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Tag(string name, object value) => new(name, value);

    private static string TypeOf(Exception reason) => reason.GetType().FullName!;

    private Histogram<T> Histogram<T>(string name, string unit, string description, T[] boundaries) where T : struct
        => _meter.CreateHistogram(name, unit, description, advice: new InstrumentAdvice<T> { HistogramBucketBoundaries = boundaries });
}
