namespace SkTuning.Hub;

/// <summary>Where the hub and its cache are, and how patient to be. The variables are those of Hugging Face's own tools.</summary>
internal sealed class HubSettings
{
    public const string DefaultEndpoint = "https://huggingface.co";

    /// <summary>The hub's address, without a slash at its end.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The folder with models--org--name in it.</summary>
    public required string Cache { get; init; }

    public string? Token { get; init; }
    public bool Offline { get; init; }

    /// <summary>Whether to try links; where the disk has none, files are copied.</summary>
    public bool Links { get; init; } = true;

    /// <summary>Tries behind the first one, for an answer that may be better the next time.</summary>
    public int Retries { get; init; } = 4;

    /// <summary>The wait before the second try; it doubles, with jitter.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait that a hub may ask for (Retry-After).</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long the head of an answer may take.</summary>
    public TimeSpan AnswerTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a body may stand still.</summary>
    public TimeSpan StillTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Bytes that are free for a folder; null where unknown.</summary>
    public Func<string, long?> FreeSpace { get; init; } = Free;

    public static HubSettings FromEnvironment(Func<string, string?>? variable = null)
    {
        variable ??= Environment.GetEnvironmentVariable;
        var home = Set("HF_HOME") ?? Path.Combine(Set("XDG_CACHE_HOME") ?? Path.Combine("~", ".cache"), "huggingface");
        return new()
        {
            Endpoint = CheckedEndpoint(Set("HF_ENDPOINT") ?? DefaultEndpoint),
            Cache = Expanded(Set("HF_HUB_CACHE") ?? Set("HUGGINGFACE_HUB_CACHE") ?? Path.Combine(home, "hub")),
            Token = CheckedToken(Set("HF_TOKEN") ?? Set("HUGGING_FACE_HUB_TOKEN") ?? Stored(Expanded(Set("HF_TOKEN_PATH") ?? Path.Combine(home, "token")))),
            Offline = Set("HF_HUB_OFFLINE")?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE",
        };

        string? Set(string name) => variable(name)?.Trim() is { Length: > 0 } value ? value : null;
    }

    private static string CheckedEndpoint(string value)
    {
        if (Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri is { UserInfo: "", Query: "", Fragment: "" }) return uri.AbsoluteUri.TrimEnd('/');
        throw new SkTuningException("HF_ENDPOINT is not the address of a hub: expected http:// or https://, a host and perhaps a path, without a name, a password or a query. Correct or unset it.");
    }

    private static string Expanded(string path)
    {
        if (path == "~" || path.StartsWith("~/", StringComparison.Ordinal) || path.StartsWith("~" + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            path = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + path[1..];
        return Path.GetFullPath(path);
    }

    private static string? Stored(string file)
    {
        try { return File.Exists(file) && new FileInfo(file).Length < 4096 ? File.ReadAllText(file) : null; }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return null; }
    }

    /// <summary>The token without line ends. One that cannot be in a header is refused without being shown.</summary>
    private static string? CheckedToken(string? token)
    {
        token = token?.Trim();
        if (string.IsNullOrEmpty(token)) return null;
        return token.All(c => c is > ' ' and < (char)127) ? token : throw new SkTuningException("The hub's token (HF_TOKEN or the token file) has characters that no token has: expected visible ASCII. Copy it again.");
    }

    private static long? Free(string folder)
    {
        try { return new DriveInfo(folder).AvailableFreeSpace; }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException) { return null; }
    }
}
