using System.Diagnostics;

namespace SkTuning.Bench.Serving;

/// <summary>What a load test measured.</summary>
internal sealed record LoadResult(string Way)
{
    public required double TextsPerSecond { get; init; }

    public double Median { get; init; }

    public double High { get; init; }

    public int Answers { get; init; }

    public int Wrong { get; init; }

    /// <summary>The processor time per text, in ms, of the process that serves: other processes slow it down less than they slow the clock.</summary>
    public required double Processor { get; init; }

    public double StartMemory { get; init; }

    public double EndMemory { get; init; }
}

/// <summary>Clients that each send a text, wait for the answer, and send the next one, for some seconds. The adapters answer the texts in turn.</summary>
internal sealed class LoadTest
{
    private const double Equal = 1e-5;

    private readonly string[] _adapters;
    private readonly string _folder;
    private readonly IReadOnlyList<string> _texts;
    private readonly double[][] _expected;
    private readonly int _clients, _seconds;
    private readonly FrozenModel _model;

    public LoadTest(string folder, IReadOnlyList<string> texts, int clients, int seconds, FrozenModel model)
    {
        (_folder, _texts, _clients, _seconds, _model) = (folder, texts, clients, seconds, model);
        _adapters = [.. Directory.GetDirectories(folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];
        _expected = new double[texts.Count][];
        foreach (var (a, name) in _adapters.Index())
        {
            using var adapter = TextClassifier.Load(Path.Combine(folder, name), model);
            int[] own = [.. Enumerable.Range(0, texts.Count).Where(i => i % _adapters.Length == a)];
            foreach (var (i, prediction) in own.Zip(adapter.Predict([.. own.Select(i => texts[i])]))) _expected[i] = [.. prediction.Scores.Values];
        }
        int[] lengths = [.. texts.Select(t => model.Tokenizer.EncodeIds(t).Length).Order()];
        Tokens = $"{lengths[lengths.Length / 20]} to {lengths[lengths.Length * 19 / 20]} tokens";
    }

    /// <summary>The lengths of 90 % of the texts.</summary>
    public string Tokens { get; }

    /// <summary>Predicts the texts of each adapter in one call.</summary>
    public LoadResult OneCall(string way)
    {
        using var process = Process.GetCurrentProcess();
        var (processor, elapsed) = (TimeSpan.Zero, TimeSpan.Zero);
        foreach (var (a, name) in _adapters.Index())
        {
            using var adapter = TextClassifier.Load(Path.Combine(_folder, name), _model);
            string[] own = [.. _texts.Where((_, i) => i % _adapters.Length == a)];
            adapter.Predict([.. own.Take(64)]);
            process.Refresh();
            var (used, start) = (process.TotalProcessorTime, Stopwatch.GetTimestamp());
            adapter.Predict(own);
            elapsed += Stopwatch.GetElapsedTime(start);
            process.Refresh();
            processor += process.TotalProcessorTime - used;
        }
        return new(way) { TextsPerSecond = _texts.Count / elapsed.TotalSeconds, Processor = processor.TotalMilliseconds / _texts.Count };
    }

    public LoadResult Run(string way, ILoadTarget target) => RunAsync(way, target).GetAwaiter().GetResult();

    private async Task<LoadResult> RunAsync(string way, ILoadTarget target)
    {
        await using var _ = target;
        await target.ReadyAsync();
        await Task.WhenAll(Enumerable.Range(0, _clients).Select(i => target.AskAsync(_adapters[i % _adapters.Length], _texts[i])));
        target.Process.Refresh();
        var (used, memory, clock) = (target.Process.TotalProcessorTime, target.Process.WorkingSet64, Stopwatch.StartNew());
        var (next, wrong) = (-1, 0);
        var latencies = await Task.WhenAll(Enumerable.Range(0, _clients).Select(_ => Task.Run(Client)));
        var elapsed = clock.Elapsed;
        target.Process.Refresh();
        double[] all = [.. latencies.SelectMany(l => l).Order()];
        return new(way)
        {
            TextsPerSecond = all.Length / elapsed.TotalSeconds,
            Median = all[all.Length / 2],
            High = all[all.Length * 99 / 100],
            Answers = all.Length,
            Wrong = wrong,
            Processor = (target.Process.TotalProcessorTime - used).TotalMilliseconds / all.Length,
            StartMemory = memory / 1e6,
            EndMemory = target.Process.WorkingSet64 / 1e6,
        };

        async Task<List<double>> Client()
        {
            var own = new List<double>();
            while (clock.Elapsed.TotalSeconds < _seconds)
            {
                var i = (int)((uint)Interlocked.Increment(ref next) % (uint)_texts.Count);
                var start = Stopwatch.GetTimestamp();
                var scores = await target.AskAsync(_adapters[i % _adapters.Length], _texts[i]);
                own.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                if (!scores.Zip(_expected[i]).All(s => Math.Abs(s.First - s.Second) < Equal)) Interlocked.Increment(ref wrong);
            }
            return own;
        }
    }
}
