using System.Diagnostics.Metrics;

namespace SkTuning.Server.Telemetry;

/// <summary>What the server measures of requests. Only routes are tags, not paths: names that callers make up would fill memory.</summary>
internal sealed class ServerMetrics : IDisposable
{
    private static readonly double[] Seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    private readonly Histogram<double> _duration;
    private readonly UpDownCounter<long> _active;

    public ServerMetrics(Func<int> adapters)
    {
        _duration = Meter.CreateHistogram("sktuning.http.duration", "s", "Time from the headers of a request to its answer.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
        _active = Meter.CreateUpDownCounter<long>("sktuning.http.active", "{request}", "Requests that are not answered yet.");
        Meter.CreateObservableUpDownCounter("sktuning.adapters", adapters, "{adapter}", "Names of adapters.");
    }

    public Meter Meter { get; } = new("SkTuning.Server");

    public void Began() => _active.Add(1);

    public void Answered(string method, string route, int status, TimeSpan duration)
    {
        _active.Add(-1);
        _duration.Record(duration.TotalSeconds, new("method", method), new("route", route), new("status", status));
    }

    public void Dispose() => Meter.Dispose();
}
