namespace SkTuning.Hub;

/// <summary>The locations of the hub and its cache, retries and time limits. The environment variables are those of Hugging Face's own tools.</summary>
internal sealed class HubSettings
{
    public const string DefaultEndpoint = "https://huggingface.co";

    /// <summary>The hub's address, without a trailing slash.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The folder that contains the folders models--org--name.</summary>
    public required string Cache { get; init; }

    public string? Token { get; init; }
    public bool Offline { get; init; }

    /// <summary>Whether to try symbolic links. Where the disk does not support them, files are moved or copied. The default is true.</summary>
    public bool Links { get; init; } = true;

    /// <summary>The maximum number of retries after a temporary failure. The default is 4.</summary>
    public int Retries { get; init; } = 4;

    /// <summary>The wait before the first retry; it doubles with each one, with jitter. The default is 1 second.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The maximum wait between tries, including one that the hub asks for (Retry-After). The default is 2 minutes.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The time limit of each try for an answer's status and headers. The default is 30 seconds.</summary>
    public TimeSpan AnswerTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The maximum time without a new byte while a body is received. The default is 60 seconds.</summary>
    public TimeSpan StallTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Returns the number of free bytes on a folder's disk; null if unknown.</summary>
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
        if (Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri is { UserInfo: "", Query: "", Fragment: "" })
            return uri.AbsoluteUri.TrimEnd('/');
        throw new SkTuningException(
            "HF_ENDPOINT is not the address of a hub: expected http:// or https://, a host and an optional path, without a user name, a password or a query. "
            + "Correct or unset it.");
    }

    private static string Expanded(string path)
    {
        if (path == "~" || path.StartsWith("~/", StringComparison.Ordinal) || path.StartsWith("~" + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            path = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + path[1..];
        return Path.GetFullPath(path);
    }

    private static string? Stored(string file)
    {
        try
        {
            if (!File.Exists(file) || new FileInfo(file).Length >= 4096) return null;
            InputFile.RequireRegular(file);
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return null; }
    }

    /// <summary>The token without surrounding white space. One that cannot be sent in a header is refused, without its text in the message.</summary>
    private static string? CheckedToken(string? token)
    {
        token = token?.Trim();
        if (string.IsNullOrEmpty(token)) return null;
        if (token.All(c => c is > ' ' and < (char)127)) return token;
        throw new SkTuningException(
            "The hub's token (HF_TOKEN or the token file) contains characters that a token cannot have: expected visible ASCII. Copy it again.");
    }

    private static long? Free(string folder)
    {
        try { return new DriveInfo(folder).AvailableFreeSpace; }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException) { return null; }
    }
}
