using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using SkTuning;
using SkTuning.Serving;
using SkTuning.Serving.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds SkTuning to an app.</summary>
public static class SkTuningServiceCollectionExtensions
{
    /// <summary>
    /// Adds a <see cref="FrozenModel"/> and a <see cref="ClassifierEngine"/> on it, an <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/>, an
    /// <see cref="IDecisionClient"/>, a health check, and a hosted service that loads everything before the app takes traffic. The container disposes the
    /// engine, which first answers the texts that it accepted, and then the model.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options; <see langword="null"/> if they are configured elsewhere. They are validated when the app starts.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddSkTuning(this IServiceCollection services, Action<SkTuningOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<SkTuningOptions>();
        if (configure is not null) options.Configure(configure);
        if (services.Any(s => s.ServiceType == typeof(AdapterStartUp))) return services;

        options.ValidateOnStart();
        services.AddSingleton<ContentRoot>();
        services.AddSingleton<IValidateOptions<SkTuningOptions>, SkTuningOptionsCheck>();
        services.AddSingleton<AdapterStartUp>();
        services.AddHostedService(s => s.GetRequiredService<AdapterStartUp>());
        services.AddHealthChecks().AddCheck<AdapterHealthCheck>(AdapterHealthCheck.Name, tags: ["ready"]);

        services.TryAddSingleton(AdapterStartUp.LoadModel);
        services.TryAddSingleton(s => new ClassifierEngine(s.GetRequiredService<FrozenModel>(), OptionsOf(s).Engine));
        services.TryAddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(
            s => new FrozenEmbeddingGenerator(s.GetRequiredService<FrozenModel>(), OptionsOf(s).Embeddings));
        services.TryAddSingleton<IDecisionClient>(s => new EngineDecisionClient(s.GetRequiredService<ClassifierEngine>()));
        return services;
    }

    private static SkTuningOptions OptionsOf(IServiceProvider services) => services.GetRequiredService<IOptions<SkTuningOptions>>().Value;
}
