using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SkTuning.Serving.Hosting;

/// <summary>
/// Healthy when the model and all adapters of the options are loaded. An adapter that was removed later degrades it: the others still answer, so that the app
/// need not be taken out of service.
/// </summary>
internal sealed class AdapterHealthCheck(AdapterStartUp start) : IHealthCheck
{
    /// <summary>The name of the registration.</summary>
    public const string Name = "sktuning";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (start.Ready is not { } engine)
            return Task.FromResult(new HealthCheckResult(context.Registration.FailureStatus, "The model and the adapters are being loaded."));
        string[] missing = [.. start.Adapters.Where(a => engine.Find(a) is null)];
        var data = new Dictionary<string, object> { ["adapters"] = engine.Adapters.Count, ["queuedTexts"] = engine.QueuedTexts };
        return Task.FromResult(missing.Length == 0 ? HealthCheckResult.Healthy("All adapters are loaded.", data)
            : HealthCheckResult.Degraded($"Adapters of the options that were removed: {string.Join(", ", missing)}.", null, data));
    }
}
