using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace SkTuning.Serving.Hosting;

/// <summary>
/// Loads the model and the adapters of the options, and has each adapter read a text, before any service of the app starts. What cannot be loaded ends the
/// start.
/// </summary>
internal sealed class AdapterStartUp(IServiceProvider services, IOptions<SkTuningOptions> options, ContentRoot root) : IHostedLifecycleService
{
    private const string WarmUpText = "the text of the warm-up";

    private readonly ILogger _logger = services.GetService<ILoggerFactory>()?.CreateLogger(ServingLog.Category) ?? NullLogger.Instance;

    private volatile ClassifierEngine? _ready;

    /// <summary>Gets the engine once everything is loaded; until then, <see langword="null"/>.</summary>
    public ClassifierEngine? Ready => _ready;

    /// <summary>Gets the names of the adapters of the options, in their order.</summary>
    public IEnumerable<string> Adapters => options.Value.Adapters.Keys.Order(StringComparer.Ordinal);

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var engine = await Task.Run(services.GetRequiredService<ClassifierEngine>, cancellationToken).ConfigureAwait(false);
        foreach (var adapter in Adapters) await Load(engine, adapter, root.Full(options.Value.Adapters[adapter]), cancellationToken).ConfigureAwait(false);
        if (options.Value.WarmUp) await Task.WhenAll(Adapters.Select(a => WarmUp(engine, a, cancellationToken))).ConfigureAwait(false);
        ServingLog.Ready(_logger, engine.Adapters.Count, Since(start));
        _ready = engine;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Loads the base model, on the first use of the service.</summary>
    public static FrozenModel LoadModel(IServiceProvider services)
    {
        var start = Stopwatch.GetTimestamp();
        var options = services.GetRequiredService<IOptions<SkTuningOptions>>().Value;
        var model = FrozenModel.Load(services.GetRequiredService<ContentRoot>().Full(options.ModelPath), options.Model);
        if (services.GetService<ILoggerFactory>()?.CreateLogger(ServingLog.Category) is { } logger)
        {
            var d = model.Describe();
            ServingLog.ModelLoaded(logger, d.Source, d.Family, d.Parameters, d.Device, d.Precision, Since(start));
        }
        return model;
    }

    private async Task Load(ClassifierEngine engine, string adapter, string folder, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            var served = await engine.LoadAsync(adapter, folder, cancellationToken).ConfigureAwait(false);
            ServingLog.AdapterLoaded(_logger, adapter, served.Version, served.Task.Name, served.Method, served.Labels.Count, Since(start));
        }
        catch (SkTuningException e)
        {
            ServingLog.AdapterFailed(_logger, e, adapter, folder);
            throw new SkTuningException($"{nameof(SkTuningOptions)}.{nameof(SkTuningOptions.Adapters)}['{adapter}'] cannot be served: {e.Message}", e);
        }
    }

    private async Task WarmUp(ClassifierEngine engine, string adapter, CancellationToken cancellationToken)
    {
        var text2 = engine.Find(adapter)?.ReadsPairs == true ? WarmUpText : null;
        var predictions = await engine.ClassifyAsync(adapter, [(WarmUpText, text2)], cancellationToken).ConfigureAwait(false);
        if (predictions[0].Error is not null) ServingLog.WarmUpFailed(_logger, adapter);
    }

    private static long Since(long start) => (long)Stopwatch.GetElapsedTime(start).TotalMilliseconds;
}
