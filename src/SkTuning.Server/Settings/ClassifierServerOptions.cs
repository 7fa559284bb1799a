using Microsoft.Extensions.Logging;
using SkTuning.Serving;

namespace SkTuning.Server;

/// <summary>The options of a <see cref="ClassifierServer"/>.</summary>
public sealed record ClassifierServerOptions
{
    internal const int MinKeyLength = 16;

    /// <summary>
    /// Gets the folder of the adapters: a folder for each name, and in it a folder for each version. It is created if it does not exist, and everything that an
    /// upload writes is inside it.
    /// </summary>
    public required string AdapterFolder { get; init; }

    /// <summary>Gets the addresses to listen on, such as <c>http://0.0.0.0:8080</c>; port 0 chooses a free one. The default is http://127.0.0.1:8080.</summary>
    public IReadOnlyList<string> Urls { get; init; } = ["http://127.0.0.1:8080"];

    /// <summary>
    /// Gets the keys that may classify and read, 16 characters or more each. Without any key, the server listens on this machine only and accepts every
    /// request.
    /// </summary>
    public IReadOnlyList<string> ReadKeys { get; init; } = [];

    /// <summary>Gets the keys that may also upload, activate and delete adapters, 16 characters or more each.</summary>
    public IReadOnlyList<string> AdminKeys { get; init; } = [];

    /// <summary>Gets the options of the engine. By default, a request that finds its queue full is refused with status 503.</summary>
    public ClassifierEngineOptions Engine { get; init; } = new() { RejectsWhenFull = true };

    /// <summary>Gets the maximum size of a request, in bytes. The default is 4 MiB.</summary>
    public long MaxBodyBytes { get; init; } = 4 << 20;

    /// <summary>Gets the maximum size of an uploaded adapter, in bytes, both as sent and expanded. The default is 64 MiB.</summary>
    public long MaxAdapterBytes { get; init; } = 64 << 20;

    /// <summary>Gets the maximum number of texts in a request. The default is 256.</summary>
    public int MaxTexts { get; init; } = 256;

    /// <summary>Gets the maximum length of a text, in characters. The default is 100,000; what an adapter reads of it is usually far less.</summary>
    public int MaxTextLength { get; init; } = 100_000;

    /// <summary>Gets the maximum number of adapters. The default is 1,000.</summary>
    public int MaxAdapters { get; init; } = 1_000;

    /// <summary>Gets the maximum number of versions of an adapter. The default is 100.</summary>
    public int MaxVersions { get; init; } = 100;

    /// <summary>Gets the maximum size of the corrections of an adapter, in bytes; further ones are refused. The default is 16 MiB.</summary>
    public long MaxCorrectionBytes { get; init; } = 16 << 20;

    /// <summary>
    /// Gets the maximum number of requests per second for each key, or for each address where there are no keys. The default is <see langword="null"/>: no
    /// limit.
    /// </summary>
    public int? MaxRequestsPerSecond { get; init; }

    /// <summary>Gets the maximum number of open connections. The default is 1,024.</summary>
    public int MaxConnections { get; init; } = 1_024;

    /// <summary>Gets the maximum time for a request, from its headers to its answer. The default is 30 seconds.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets the maximum time that accepted requests are given when the server stops. The default is 30 seconds.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets the factory of loggers; <see langword="null"/> to log nothing. Texts and keys are never logged.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <exception cref="SkTuningException">An option is out of range.</exception>
    internal void Check()
    {
        const string Owner = nameof(ClassifierServerOptions);
        OptionCheck.That(Owner, nameof(AdapterFolder), AdapterFolder, !string.IsNullOrWhiteSpace(AdapterFolder), "a folder");
        OptionCheck.That(Owner, nameof(Urls), Urls.Count, Urls.Count > 0, "one address or more");
        OptionCheck.That(Owner, nameof(MaxBodyBytes), MaxBodyBytes, MaxBodyBytes is > 0 and <= int.MaxValue, "1 to 2147483647");
        OptionCheck.That(Owner, nameof(MaxAdapterBytes), MaxAdapterBytes, MaxAdapterBytes is > 0 and <= int.MaxValue / 2, "1 to 1073741823");
        OptionCheck.That(Owner, nameof(MaxTexts), MaxTexts, MaxTexts > 0, "1 or more");
        OptionCheck.That(Owner, nameof(MaxTextLength), MaxTextLength, MaxTextLength > 0, "1 or more");
        OptionCheck.That(Owner, nameof(MaxAdapters), MaxAdapters, MaxAdapters > 0, "1 or more");
        OptionCheck.That(Owner, nameof(MaxVersions), MaxVersions, MaxVersions > 0, "1 or more");
        OptionCheck.That(Owner, nameof(MaxCorrectionBytes), MaxCorrectionBytes, MaxCorrectionBytes >= 0, "0 or more");
        OptionCheck.That(Owner, nameof(MaxRequestsPerSecond), MaxRequestsPerSecond, MaxRequestsPerSecond is null or > 0, "1 or more");
        OptionCheck.That(Owner, nameof(MaxConnections), MaxConnections, MaxConnections > 0, "1 or more");
        OptionCheck.That(Owner, nameof(RequestTimeout), RequestTimeout, RequestTimeout > TimeSpan.Zero && RequestTimeout < TimeSpan.FromDays(1), "up to a day");
        OptionCheck.That(Owner, nameof(ShutdownTimeout), ShutdownTimeout, ShutdownTimeout >= TimeSpan.Zero && ShutdownTimeout < TimeSpan.FromDays(1),
            "0 to a day");
        // Otherwise, a request of that many texts could be refused as long as any other is waiting.
        var room = Math.Min(Engine.MaxQueuedTexts, Engine.MaxQueuedTextsPerAdapter);
        OptionCheck.That(Owner, nameof(MaxTexts), MaxTexts, !Engine.RejectsWhenFull || MaxTexts <= room,
            FormattableString.Invariant($"at most {room}, the maximum number of texts of an adapter that wait"));
        // The key itself must not be in the message.
        foreach (var (name, keys) in ((string, IReadOnlyList<string>)[])[(nameof(ReadKeys), ReadKeys), (nameof(AdminKeys), AdminKeys)])
        {
            foreach (var key in keys)
            {
                if (key.Length < MinKeyLength || key.Any(c => c is <= ' ' or > '~'))
                {
                    throw new SkTuningException(
                        $"{Owner}.{name} has a key of {key.Length} characters, expected {MinKeyLength} or more of ASCII without spaces.");
                }
            }
        }
    }
}
