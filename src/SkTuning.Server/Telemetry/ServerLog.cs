using Microsoft.Extensions.Logging;

namespace SkTuning.Server.Telemetry;

/// <summary>What the server logs. Neither texts nor keys are among it.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(1, LogLevel.Warning, "No keys are set: the server listens on this machine only, and accepts every request.")]
    public static partial void NoKeys(ILogger logger);

    [LoggerMessage(2, LogLevel.Information, "Listening on {Url}")]
    public static partial void Listening(ILogger logger, string url);

    [LoggerMessage(3, LogLevel.Warning, "The folder '{Name}' is not served: names are {Expected}.")]
    public static partial void BadName(ILogger logger, string name, string expected);

    [LoggerMessage(4, LogLevel.Warning, "Adapter {Name} is not served: {Reason}")]
    public static partial void NotServed(ILogger logger, string name, string reason);

    [LoggerMessage(5, LogLevel.Information, "{Count} adapters are served after {Milliseconds} ms.")]
    public static partial void Ready(ILogger logger, int count, long milliseconds);

    [LoggerMessage(6, LogLevel.Information, "Adapter {Name}: version {Version} was stored.")]
    public static partial void Stored(ILogger logger, string name, int version);

    [LoggerMessage(7, LogLevel.Information, "Adapter {Name}: version {Version} is active.")]
    public static partial void Activated(ILogger logger, string name, int version);

    [LoggerMessage(8, LogLevel.Information, "Adapter {Name} was deleted.")]
    public static partial void Deleted(ILogger logger, string name);

    [LoggerMessage(9, LogLevel.Information, "Adapter {Name}: version {Version} was deleted.")]
    public static partial void VersionDeleted(ILogger logger, string name, int version);

    /// <summary>The message of an exception can quote a text: only its type and where it was thrown are logged.</summary>
    [LoggerMessage(10, LogLevel.Error, "{Method} {Route} failed: {Type}{Trace}")]
    public static partial void Failed(ILogger logger, string method, string route, string type, string trace);

    [LoggerMessage(11, LogLevel.Debug, "{Method} {Route} {Status} {Milliseconds} ms")]
    public static partial void Answered(ILogger logger, string method, string route, int status, long milliseconds);

    [LoggerMessage(12, LogLevel.Information, "Stopping: accepted requests are answered.")]
    public static partial void Stopping(ILogger logger);

    [LoggerMessage(13, LogLevel.Warning, "Adapter {Name}: its corrections cannot be used: {Reason}")]
    public static partial void NoCorrections(ILogger logger, string name, string reason);
}
