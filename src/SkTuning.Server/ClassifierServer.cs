using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SkTuning.Server.Catalog;
using SkTuning.Server.Endpoints;
using SkTuning.Server.Http;
using SkTuning.Server.Security;
using SkTuning.Server.Storage;
using SkTuning.Server.Telemetry;
using SkTuning.Serving;

namespace SkTuning.Server;

/// <summary>
/// Serves adapters on one frozen model over HTTP: classification, decisions, versions of adapters, health, metrics, and a page at <c>/</c>. docs/serving.md
/// describes the requests, and <c>/openapi.json</c> every field of them.
/// </summary>
public sealed class ClassifierServer : IAsyncDisposable
{
    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(10);

    private readonly WebApplication _app;
    private readonly AdapterCatalog _catalog;
    private readonly ServerMetrics _metrics;
    private readonly PrometheusText _prometheus;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lazy<Task> _stop;

    private ClassifierServer(FrozenModel model, ClassifierServerOptions options, IEmbeddingGenerator<string, Embedding<float>> embedder)
    {
        options.Check();
        var keys = new ApiKeys(options);
        var addresses = ListenAddresses.Parse(options.Urls, keys.Any);
        var store = new AdapterStore(options.AdapterFolder);
        _logger = (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger<ClassifierServer>();
        if (!keys.Any) ServerLog.NoKeys(_logger);
        Engine = new(model, options.Engine);
        _catalog = new(Engine, store, options, _logger);
        _metrics = new(() => _catalog.Count);
        _prometheus = new(_metrics.Meter);
        _stop = new(StopOnceAsync);

        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.AllowSynchronousIO = false;
            kestrel.Limits.MaxConcurrentConnections = options.MaxConnections;
            kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
            kestrel.Limits.RequestHeadersTimeout = HeadersTimeout;
            foreach (var address in addresses) kestrel.Listen(address);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddRateLimiter(limiter => Limit(limiter, options));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.ShutdownTimeout);
        _app = builder.Build();
        var pipeline = new Pipeline(_catalog, new(keys), _metrics, options, _logger);
        _app.Use((context, next) => pipeline.OuterAsync(context, _ => next()));
        _app.UseRouting();
        _app.Use((context, next) => pipeline.InnerAsync(context, _ => next()));
        if (options.MaxRequestsPerSecond is not null) _app.UseRateLimiter();
        Routes.Map(_app, _catalog, _prometheus, options, embedder, () => _stopping.IsCancellationRequested);
    }

    /// <summary>Gets the engine. The adapters in it have the names <c>NAME@VERSION</c>.</summary>
    public ClassifierEngine Engine { get; }

    /// <summary>Gets the addresses that the server listens on, with the ports that were chosen.</summary>
    public IReadOnlyList<string> Urls
        => [.. _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? []];

    /// <summary>Gets a task that ends when the adapters on disk were loaded, until which requests are answered with status 503.</summary>
    public Task Ready { get; private set; } = Task.CompletedTask;

    /// <summary>The endpoints, for tests.</summary>
    internal IReadOnlyList<Endpoint> Endpoints => [.. ((IEndpointRouteBuilder)_app).DataSources.SelectMany(s => s.Endpoints)];

    /// <summary>Starts a server, which listens when the task ends.</summary>
    /// <param name="model">The frozen model, which must outlive the server.</param>
    /// <param name="options">The options.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="SkTuningException">An option cannot be used, or an address is in use.</exception>
    public static Task<ClassifierServer> StartAsync(FrozenModel model, ClassifierServerOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        return StartAsync(model, options, new FrozenEmbeddingGenerator(model), cancellationToken);
    }

    internal static async Task<ClassifierServer> StartAsync(
        FrozenModel model, ClassifierServerOptions options, IEmbeddingGenerator<string, Embedding<float>> embedder, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        var server = new ClassifierServer(model, options, embedder);
        try
        {
            await server._app.StartAsync(cancellationToken).ConfigureAwait(false);
            foreach (var url in server.Urls) ServerLog.Listening(server._logger, url);
            server.Ready = Task.Run(() => server._catalog.LoadAsync(server._stopping.Token), CancellationToken.None);
            return server;
        }
        catch (Exception e)
        {
            await server.DisposeAsync().ConfigureAwait(false);
            if (e is IOException) throw new SkTuningException($"{string.Join(", ", options.Urls)}: cannot listen: {e.Message}", e);
            throw;
        }
    }

    /// <summary>
    /// Stops the server: no more requests are accepted, and those that were are answered, for at most <see cref="ClassifierServerOptions.ShutdownTimeout"/>.
    /// </summary>
    public Task StopAsync() => _stop.Value;

    /// <summary>Stops the server and releases its adapters.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
        await Engine.DisposeAsync().ConfigureAwait(false);
        _catalog.Dispose();
        _prometheus.Dispose();
        _metrics.Dispose();
        _stopping.Dispose();
    }

    private async Task StopOnceAsync()
    {
        ServerLog.Stopping(_logger);
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _app.StopAsync().ConfigureAwait(false);
        await Ready.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static void Limit(RateLimiterOptions limiter, ClassifierServerOptions options)
    {
        var rate = options.MaxRequestsPerSecond ?? int.MaxValue;
        limiter.OnRejected = (_, _) => throw new RefusedException(StatusCodes.Status429TooManyRequests,
            FormattableString.Invariant($"More than {rate} requests in a second."));
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context =>
            context.GetEndpoint()?.Metadata.GetMetadata<RequiredRole>() is null ? RateLimitPartition.GetNoLimiter("")
                : RateLimitPartition.GetTokenBucketLimiter((string)context.Items[Access.Caller]!, _ => new()
                {
                    TokenLimit = rate, TokensPerPeriod = rate, ReplenishmentPeriod = TimeSpan.FromSeconds(1), QueueLimit = 0, AutoReplenishment = true,
                }));
    }
}
