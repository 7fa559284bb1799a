using Microsoft.Extensions.Logging;

namespace SkTuning.Serving.Hosting;

/// <summary>The messages of the log. None of them contains a text that somebody sent.</summary>
internal static partial class ServingLog
{
    /// <summary>The category of all messages.</summary>
    public const string Category = "SkTuning.Serving";

    [LoggerMessage(1, LogLevel.Information, "Model {Model} ({Family}, {Parameters} parameters) loaded on {Device} as {Precision} in {Milliseconds} ms.")]
    public static partial void ModelLoaded(ILogger logger, string model, string family, long parameters, string device, Precision precision, long milliseconds);

    [LoggerMessage(2, LogLevel.Information, "Adapter {Adapter} version {Version} ({Task}, {Method}, {Labels} labels) loaded in {Milliseconds} ms.")]
    public static partial void AdapterLoaded(ILogger logger, string adapter, int version, string task, string method, int labels, long milliseconds);

    [LoggerMessage(3, LogLevel.Information, "Ready with {Adapters} adapters after {Milliseconds} ms.")]
    public static partial void Ready(ILogger logger, int adapters, long milliseconds);

    [LoggerMessage(4, LogLevel.Error, "Adapter {Adapter} in {Folder} cannot be served.")]
    public static partial void AdapterFailed(ILogger logger, Exception exception, string adapter, string folder);

    [LoggerMessage(5, LogLevel.Warning, "Adapter {Adapter} could not read the text of the warm-up.")]
    public static partial void WarmUpFailed(ILogger logger, string adapter);
}
