using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace SkTuning.Server.Telemetry;

/// <summary>
/// Collects the instruments of the server and of the engine, and writes them as Prometheus reads them (text format 0.0.4). An instrument that is added to
/// either appears by itself. What several instruments of one name measure with the same tags is added up.
/// </summary>
internal sealed class PrometheusText : IDisposable
{
    private const string EngineMeter = "SkTuning.Serving";
    private const int MaxSeries = 20_000;

    private static readonly double[] DefaultBounds = [0.001, 0.01, 0.1, 1, 10, 100, 1_000, 10_000];

    private readonly ConcurrentDictionary<(string Name, string Tags), Series> _series = new();
    private readonly MeterListener _listener = new();
    private readonly Lock _writing = new();

    public PrometheusText(Meter server)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == server || instrument.Meter.Name == EngineMeter) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<int>((i, value, tags, _) => Record(i, value, tags));
        _listener.SetMeasurementEventCallback<long>((i, value, tags, _) => Record(i, value, tags));
        _listener.SetMeasurementEventCallback<double>((i, value, tags, _) => Record(i, value, tags));
        _listener.Start();
    }

    /// <summary>Returns all values.</summary>
    public string Write()
    {
        var text = new StringBuilder();
        using var turn = _writing.EnterScope();
        foreach (var series in _series.Values) series.BeforeObservation();
        _listener.RecordObservableInstruments();
        foreach (var group in _series.GroupBy(s => s.Key.Name).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var instrument = group.First().Value.Instrument;
            var type = IsHistogram(instrument) ? "histogram" : IsCounter(instrument) ? "counter" : "gauge";
            text.Append(CultureInfo.InvariantCulture, $"# HELP {group.Key} {Escaped(instrument.Description ?? "", quotes: false)}\n");
            text.Append(CultureInfo.InvariantCulture, $"# TYPE {group.Key} {type}\n");
            foreach (var (key, series) in group.OrderBy(s => s.Key.Tags, StringComparer.Ordinal)) series.Write(text, group.Key, key.Tags);
        }
        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = (NameOf(instrument), Labels(tags));
        if (!_series.TryGetValue(key, out var series))
        {
            if (_series.Count >= MaxSeries) return;
            series = _series.GetOrAdd(key, new Series(instrument, IsHistogram(instrument) ? Bounds(instrument) : null));
        }
        series.Record(value);
    }

    private static double[] Bounds(Instrument instrument) => instrument switch
    {
        Instrument<double> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
        Instrument<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(b => (double)b)],
        Instrument<int> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(b => (double)b)],
        _ => DefaultBounds,
    };

    private static bool IsHistogram(Instrument instrument) => Kind(instrument) == typeof(Histogram<>);

    private static bool IsCounter(Instrument instrument) => Kind(instrument) == typeof(Counter<>) || Kind(instrument) == typeof(ObservableCounter<>);

    private static Type Kind(Instrument instrument) => instrument.GetType().GetGenericTypeDefinition();

    /// <summary>sktuning.http.duration in s is sktuning_http_duration_seconds; counters end with _total.</summary>
    private static string NameOf(Instrument instrument)
        => new string([.. instrument.Name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_')]) + (instrument.Unit == "s" ? "_seconds" : "")
            + (IsCounter(instrument) ? "_total" : "");

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new List<string>(tags.Length);
        foreach (var (key, value) in tags)
        {
            var name = new string([.. key.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_')]);
            labels.Add($"{name}=\"{Escaped(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "", quotes: true)}\"");
        }
        return string.Join(',', labels);
    }

    private static string Escaped(string text, bool quotes)
    {
        text = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quotes ? text.Replace("\"", "\\\"", StringComparison.Ordinal) : text;
    }

    /// <summary>The values of one instrument with the same tags.</summary>
    private sealed class Series(Instrument instrument, double[]? bounds)
    {
        private readonly Lock _lock = new();
        private readonly long[] _counts = new long[(bounds?.Length ?? 0) + 1];
        private double _value;

        public Instrument Instrument => instrument;

        /// <summary>An observable instrument reports its whole value each time.</summary>
        public void BeforeObservation()
        {
            if (!instrument.IsObservable) return;
            lock (_lock) _value = 0;
        }

        public void Record(double value)
        {
            lock (_lock)
            {
                _value += value;
                if (bounds is null) return;
                var bucket = 0;
                while (bucket < bounds.Length && value > bounds[bucket]) bucket++;
                _counts[bucket]++;
            }
        }

        public void Write(StringBuilder text, string name, string tags)
        {
            lock (_lock)
            {
                var braced = tags.Length == 0 ? "" : "{" + tags + "}";
                if (bounds is null)
                {
                    text.Append(CultureInfo.InvariantCulture, $"{name}{braced} {_value:R}\n");
                    return;
                }
                var (comma, count) = (tags.Length == 0 ? "" : ",", 0L);
                for (var b = 0; b <= bounds.Length; b++)
                {
                    count += _counts[b];
                    var bound = b == bounds.Length ? "+Inf" : bounds[b].ToString("R", CultureInfo.InvariantCulture);
                    text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{tags}{comma}le=\"{bound}\"}} {count}\n");
                }
                text.Append(CultureInfo.InvariantCulture, $"{name}_sum{braced} {_value:R}\n{name}_count{braced} {count}\n");
            }
        }
    }
}
