using System.Diagnostics;
using SkTuning.Adapters;
using SkTuning.Native;
using SkTuning.Serving.Telemetry;
using TorchSharp;

namespace SkTuning.Serving;

/// <summary>A thread that answers batches until the queue is closed and empty.</summary>
internal sealed class EngineWorker
{
    private const int MillisecondsBetween = 5_000;

    private readonly TextQueue _queue;
    private readonly AdapterStore _store;
    private readonly EngineTelemetry _telemetry;
    private readonly int _threads;
    private long _together, _givenBack = Environment.TickCount64;
    private readonly Thread _thread;

    /// <param name="queue">The queue.</param>
    /// <param name="store">The adapters.</param>
    /// <param name="telemetry">Measures the batches.</param>
    /// <param name="threads">The number of threads of libtorch for each operation.</param>
    public EngineWorker(TextQueue queue, AdapterStore store, EngineTelemetry telemetry, int threads)
    {
        (_queue, _store, _telemetry, _threads) = (queue, store, telemetry, threads);
        _thread = new(Work) { IsBackground = true, Name = "SkTuning engine" };
        _thread.Start();
    }

    /// <summary>The number of batches with several adapters that were answered in one pass.</summary>
    public long Together => Interlocked.Read(ref _together);

    /// <summary>Waits until the thread has ended.</summary>
    public void Join() => _thread.Join();

    private void Work()
    {
        torch.set_num_threads(_threads);                                                // OpenMP and MKL have a setting per thread
        while (_queue.Take() is { } batch)
        {
            try { Answer(batch); }
            catch (Exception e) { Fail(batch, e); }                                      // such as that of a listener to the measurements: the thread goes on
            GiveBack();
        }
    }

    /// <summary>Batches of ever new shapes leave holes in the heap, which would grow for minutes: what is free goes back to the system now and then.</summary>
    private void GiveBack()
    {
        if (Environment.TickCount64 - _givenBack < MillisecondsBetween) return;
        AllocatorSettings.GiveBackFreedMemory();
        _givenBack = Environment.TickCount64;
    }

    private void Answer(IReadOnlyList<PendingText> batch)
    {
        List<PendingText[]> groups = [.. batch.GroupBy(t => t.Held).Select(g => g.ToArray())];
        var (queued, tokens, start) = (batch.Max(t => t.Age), batch.Sum(t => t.Text.Encoded.Tokens), Stopwatch.GetTimestamp());
        using var activity = EngineTelemetry.StartBatch(batch.Select(t => t.Call), groups.Count, batch.Count, tokens);
        if (groups.Count == 1 || !AnsweredTogether(groups)) groups.ForEach(AnswerAlone);
        _telemetry.BatchRan(groups.Count, batch.Count, tokens, queued, Stopwatch.GetElapsedTime(start));
    }

    /// <summary>Answers texts of several adapters in one pass; false if it failed, such as for lack of memory.</summary>
    private bool AnsweredTogether(List<PendingText[]> groups)
    {
        var calls = new List<CallCount.Call>();
        try
        {
            foreach (var group in groups) calls.Add(group[0].Adapter.BeginCall());
            using var scope = torch.NewDisposeScope();
            List<SharedPart> parts = [.. groups.Select(Part)];
            if (!SharedPass.HasRoom(parts)) return false;
            var scores = SharedPass.Run(parts);
            List<IReadOnlyList<TaskPrediction>> predictions = [.. groups.Zip(scores, (g, s) => g[0].Adapter.Answer(s, [.. g.Select(t => t.Text)]))];
            Interlocked.Increment(ref _together);
            foreach (var (group, own) in groups.Zip(predictions)) Answer(group, own);
            return true;
        }
        catch (Exception) { return false; }                                              // each adapter alone reports its own error
        finally
        {
            for (var c = calls.Count - 1; c >= 0; c--) calls[c].Dispose();
        }
    }

    private static SharedPart Part(PendingText[] texts)
        => new(texts[0].Adapter.Adapter, [.. texts.Select(t => t.Text.Encoded)], texts[0].Adapter.NeedsFeatures);

    private void AnswerAlone(PendingText[] texts)
    {
        IReadOnlyList<TaskPrediction>? predictions = null;
        Exception? error = null;
        try
        {
            var adapter = texts[0].Adapter;
            using var call = adapter.BeginCall();
            using var scope = torch.NewDisposeScope();
            IReadOnlyList<Batches.EncodedRow> rows = [.. texts.Select(t => t.Text.Encoded)];
            var scores = adapter.NeedsFeatures ? adapter.Adapter.ScoresWithFeatures(rows) : adapter.Adapter.Scores(rows);
            predictions = adapter.Answer(scores, [.. texts.Select(t => t.Text)]);
        }
        catch (Exception e) { error = e; }                                               // whatever it is, it belongs to the caller who waits
        if (predictions is not null) Answer(texts, predictions);
        else Fail(texts, error!);
    }

    private void Answer(PendingText[] texts, IReadOnlyList<TaskPrediction> predictions)
    {
        foreach (var (text, prediction) in texts.Zip(predictions))
        {
            if (!text.TryEnd()) continue;
            try { _store.Unpin(text.Held); }
            finally { text.TrySetResult(prediction); }
        }
    }

    private void Fail(IReadOnlyList<PendingText> texts, Exception error)
    {
        foreach (var text in texts)
        {
            if (!text.TryEnd()) continue;
            try { _store.Unpin(text.Held); }
            finally { text.TrySetException(error); }
        }
    }
}
