using System.Diagnostics;
using SkTuning.Serving;

namespace SkTuning.Bench.Serving;

/// <summary>What a load test measures.</summary>
internal interface ILoadTarget : IAsyncDisposable
{
    /// <summary>The process that serves.</summary>
    Process Process { get; }

    /// <summary>Returns when it is ready.</summary>
    Task ReadyAsync();

    /// <summary>Returns the scores of a text.</summary>
    Task<double[]> AskAsync(string adapter, string text);
}

/// <summary>An engine in this process.</summary>
internal sealed class EngineTarget(FrozenModel model, string folder, ClassifierEngineOptions options) : ILoadTarget
{
    private readonly ClassifierEngine _engine = new(model, options);

    public Process Process { get; } = Process.GetCurrentProcess();

    public async Task ReadyAsync()
    {
        foreach (var path in Directory.GetDirectories(folder)) await _engine.LoadAsync(Path.GetFileName(path), path);
    }

    public async Task<double[]> AskAsync(string adapter, string text)
        => [.. ((TextClassifierPrediction)await _engine.ClassifyAsync(adapter, text)).Scores.Values];

    public ValueTask DisposeAsync() => _engine.DisposeAsync();
}
