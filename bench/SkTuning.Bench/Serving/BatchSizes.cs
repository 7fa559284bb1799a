using System.Diagnostics.Metrics;

namespace SkTuning.Bench.Serving;

/// <summary>Listens to the sizes of the batches that engines run.</summary>
internal sealed class BatchSizes : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _batches, _texts;

    public BatchSizes()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "sktuning.serving.batch.texts") listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<int>((_, texts, _, _) =>
        {
            Interlocked.Increment(ref _batches);
            Interlocked.Add(ref _texts, texts);
        });
        _listener.Start();
    }

    /// <summary>Returns the mean number of texts, and stops listening.</summary>
    public double Mean()
    {
        Dispose();
        return _batches == 0 ? 0 : (double)_texts / _batches;
    }

    public void Dispose() => _listener.Dispose();
}
