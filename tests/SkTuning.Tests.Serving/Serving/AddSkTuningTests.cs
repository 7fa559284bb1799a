using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SkTuning.Serving;

namespace SkTuning.Tests.Serving;

/// <summary>SkTuning in the services of an app.</summary>
public sealed class AddSkTuningTests(MicroAdapters micro) : IClassFixture<MicroAdapters>
{
    private const string Text = "my card was refused";

    [Fact]
    public async Task An_app_serves_the_adapters_of_its_configuration_once_it_has_started()
    {
        var builder = Builder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["SkTuning:ModelPath"] = Fixtures.MicroModel,
            ["SkTuning:Model:Device"] = "cpu",
            ["SkTuning:Model:Precision"] = "BFloat16",
            ["SkTuning:Adapters:topics"] = micro["topics"],
            ["SkTuning:Adapters:pairs"] = micro["pairs"],
            ["SkTuning:Engine:MaxDelay"] = "00:00:00.005",
            ["SkTuning:Engine:MaxBatchTexts"] = "7",
            ["SkTuning:Embeddings:MaxTokens"] = "5",
        });
        builder.Services.AddSkTuning(o => builder.Configuration.GetSection("SkTuning").Bind(o, b => b.ErrorOnUnknownConfiguration = true));
        using var host = builder.Build();
        await host.StartAsync();
        var engine = host.Services.GetRequiredService<ClassifierEngine>();
        Assert.Equal(["pairs", "topics"], engine.Adapters.Select(a => a.Name));
        Assert.Equal((TimeSpan.FromMilliseconds(5), 7), (engine.Options.MaxDelay, engine.Options.MaxBatchTexts));
        Assert.Equal(Precision.BFloat16, engine.Model.Describe().Precision);
        Assert.Same(engine.Model, host.Services.GetRequiredService<FrozenModel>());
        Assert.NotEmpty(((TextClassifierPrediction)await engine.ClassifyAsync("topics", Text)).Label);
        var read = await host.Services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>().GenerateAsync(["a a a a a a a a"]);
        Assert.Equal(5, read.Usage!.InputTokenCount);
        Assert.Same(engine, host.Services.GetRequiredService<IDecisionClient>().GetService(typeof(ClassifierEngine)));
        await host.StopAsync();
    }

    [Fact]
    public async Task Every_fault_of_the_options_is_named_before_anything_is_loaded()
    {
        var builder = Builder();
        builder.Services.AddSkTuning(o =>
        {
            o.ModelPath = "no/model";
            o.Adapters["topics"] = "";
            o.Adapters["spam"] = micro["nothing"];
            o.Model = new() { Precision = (Precision)99 };
            o.Engine = new() { MaxBatchTexts = 0 };
            o.Embeddings = new() { Pooling = Pooling.Attention };
        });
        using var host = builder.Build();
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Equal(
        [
            $"SkTuningOptions.ModelPath is 'no/model' ({Path.Combine(Root(host), "no", "model")}), which does not exist, "
                + "expected the folder of a model, or a .gguf file.",
            $"SkTuningOptions.Adapters['spam'] is '{micro["nothing"]}', which does not exist, expected the folder of an adapter.",
            "SkTuningOptions.Adapters['topics'] is empty, expected the folder of an adapter.",
            "FrozenModelOptions.Precision is 99, expected Float32, BFloat16, Auto, Float16.",
            "ClassifierEngineOptions.MaxBatchTexts is 0, expected 1 to 1024.",
            "FrozenEmbeddingOptions.Pooling is Attention, expected Mean, Last or First: the query of Attention is trained with an adapter.",
        ], error.Failures);
    }

    [Fact]
    public async Task Without_a_model_the_app_does_not_start()
    {
        var builder = Builder();
        builder.Services.AddSkTuning();
        using var host = builder.Build();
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Equal("SkTuningOptions.ModelPath is empty, expected the folder of a model, or a .gguf file.", error.Message);
    }

    [Fact]
    public async Task An_adapter_that_cannot_be_loaded_ends_the_start_with_its_name()
    {
        using var empty = new TemporaryFolder();
        var log = new LogLines();
        using var host = Host(log, o => o.Adapters["broken"] = empty.Path);
        var error = await Assert.ThrowsAsync<SkTuningException>(() => host.StartAsync());
        Assert.StartsWith("SkTuningOptions.Adapters['broken'] cannot be served: ", error.Message);
        Assert.Contains(log.Lines, l => l == $"Error Adapter broken in {empty.Path} cannot be served.");
    }

    [Fact]
    public async Task Everything_is_loaded_before_any_other_service_starts()
    {
        var builder = Builder();
        builder.Services.AddHostedService<Early>();
        builder.Services.AddSkTuning(Options);
        using var host = builder.Build();
        await host.StartAsync();
        Assert.Equal((HealthStatus.Healthy, "topics"), (Early.Status, Early.Adapter));
        await host.StopAsync();
    }

    [Fact]
    public async Task Health_follows_the_adapters()
    {
        using var host = Host(new LogLines(), o => o.Adapters["tags"] = micro["tags"]);
        var health = host.Services.GetRequiredService<HealthCheckService>();
        Assert.Equal((HealthStatus.Unhealthy, "The model and the adapters are being loaded."), await Check());
        await host.StartAsync();
        Assert.Equal((HealthStatus.Healthy, "All adapters are loaded."), await Check());
        host.Services.GetRequiredService<ClassifierEngine>().Remove("tags");
        Assert.Equal((HealthStatus.Degraded, "Adapters of the options that were removed: tags."), await Check());
        await host.StopAsync();

        async Task<(HealthStatus, string?)> Check()
        {
            var entry = (await health.CheckHealthAsync(r => r.Tags.Contains("ready"))).Entries["sktuning"];
            return (entry.Status, entry.Description);
        }
    }

    [Fact]
    public async Task The_log_says_what_was_loaded_and_contains_no_text()
    {
        var log = new LogLines();
        using var host = Host(log, o => o.Adapters["tags"] = micro["tags"]);
        await host.StartAsync();
        await host.Services.GetRequiredService<ClassifierEngine>().ClassifyAsync("topics", "please a secret");
        await host.StopAsync();
        var lines = log.Lines.Take(4).Select(l => string.Join(' ', l.Split(' ').Take(4)));
        Assert.Equal([$"Information Model {Fixtures.MicroModel} (llama,", "Information Adapter tags version", "Information Adapter topics version",
            "Information Ready with 2"], lines);
        Assert.DoesNotContain(log.Lines, l => l.Contains("secret", StringComparison.Ordinal) || l.Contains("warm-up", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Relative_paths_start_at_the_content_root()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateSymbolicLink(folder["m"], Fixtures.MicroModel);
        Directory.CreateSymbolicLink(folder["a"], micro["topics"]);
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true, ContentRootPath = folder.Path });
        builder.Services.AddSkTuning(o =>
        {
            o.ModelPath = "m";
            o.Adapters["topics"] = "a";
        });
        using var host = builder.Build();
        await host.StartAsync();
        Assert.NotNull(host.Services.GetRequiredService<ClassifierEngine>().Find("topics"));
        await host.StopAsync();
    }

    [Fact]
    public async Task The_container_disposes_the_model_with_the_app()
    {
        FrozenModel model;
        using (var host = Host(new LogLines()))
        {
            await host.StartAsync();
            model = host.Services.GetRequiredService<FrozenModel>();
            await host.StopAsync();
            TunedAdapter.Load(micro["topics"], model).Dispose();
        }
        Assert.Throws<ObjectDisposedException>(() => TunedAdapter.Load(micro["topics"], model));
    }

    [Fact]
    public async Task An_app_that_stops_answers_the_texts_that_were_accepted()
    {
        var expected = micro.Predict("topics", Text).ToString();
        Task<TaskPrediction>[] calls;
        using (var host = Host(new LogLines(), o => o.Engine = new() { Workers = 1, MaxBatchTexts = 4 }))
        {
            await host.StartAsync();
            var engine = host.Services.GetRequiredService<ClassifierEngine>();
            calls = [.. Enumerable.Range(0, 200).Select(_ => engine.ClassifyAsync("topics", Text))];
            await host.StopAsync();
        }
        Assert.All(await Task.WhenAll(calls), p => Assert.Equal(expected, p.ToString()));
    }

    [Fact]
    public void Adding_it_twice_adds_the_options_and_no_service()
    {
        var services = new ServiceCollection();
        services.AddSkTuning(o => o.ModelPath = "a").AddSkTuning(o => o.WarmUp = false);
        Assert.Single(services, s => s.ServiceType == typeof(ClassifierEngine));
        Assert.Single(services, s => s.ServiceType == typeof(IHostedService) && s.ImplementationFactory is not null);
        Assert.Equal(2, services.Count(s => s.ServiceType == typeof(IConfigureOptions<SkTuningOptions>)));
    }

    [Fact]
    public async Task Services_of_the_app_take_precedence()
    {
        using var other = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });
        var builder = Builder();
        builder.Services.AddSingleton(other);
        builder.Services.AddSkTuning(Options);
        using (var host = builder.Build())
        {
            await host.StartAsync();
            Assert.Same(other, host.Services.GetRequiredService<ClassifierEngine>().Model);
            await host.StopAsync();
        }
        TunedAdapter.Load(micro["topics"], other).Dispose();
    }

    private static HostApplicationBuilder Builder() => new(new HostApplicationBuilderSettings { DisableDefaults = true });

    private static string Root(IHost host) => host.Services.GetRequiredService<IHostEnvironment>().ContentRootPath;

    private void Options(SkTuningOptions options)
    {
        options.ModelPath = Fixtures.MicroModel;
        options.Model = new() { Device = "cpu" };
        options.Adapters["topics"] = micro["topics"];
    }

    private IHost Host(LogLines log, Action<SkTuningOptions>? more = null)
    {
        var builder = Builder();
        builder.Logging.AddProvider(log);
        builder.Services.AddSkTuning(Options);
        if (more is not null) builder.Services.AddSkTuning(more);
        return builder.Build();
    }

    /// <summary>A service that was added first, and looks around when it starts.</summary>
    private sealed class Early(HealthCheckService health, IServiceProvider services) : IHostedService
    {
        public static HealthStatus Status { get; private set; }

        public static string? Adapter { get; private set; }

        public async Task StartAsync(CancellationToken cancellationToken)
        {
            Status = (await health.CheckHealthAsync(cancellationToken)).Status;
            Adapter = services.GetRequiredService<ClassifierEngine>().Find("topics")?.Name;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>Keeps what is logged.</summary>
    private sealed class LogLines : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public IReadOnlyCollection<string> Lines => _lines;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Information) _lines.Enqueue($"{logLevel} {formatter(state, exception)}");
        }

        void IDisposable.Dispose() { }
    }
}
