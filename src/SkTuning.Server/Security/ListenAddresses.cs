using System.Net;

namespace SkTuning.Server.Security;

/// <summary>Reads the addresses to listen on.</summary>
internal static class ListenAddresses
{
    /// <summary>Returns where to listen.</summary>
    /// <param name="urls">The addresses, such as <c>http://127.0.0.1:8080</c>.</param>
    /// <param name="hasKeys">False to accept only addresses that other machines cannot reach.</param>
    /// <exception cref="SkTuningException">An address cannot be used.</exception>
    public static IReadOnlyList<IPEndPoint> Parse(IEnumerable<string> urls, bool hasKeys)
    {
        const string Option = nameof(ClassifierServerOptions) + "." + nameof(ClassifierServerOptions.Urls);
        var found = new List<IPEndPoint>();
        foreach (var url in urls)
        {
            // Uri does not know the host *, which means every address.
            if (!Uri.TryCreate(url.Replace("//*", "//0.0.0.0", StringComparison.Ordinal).Replace("//+", "//0.0.0.0", StringComparison.Ordinal),
                    UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttp || uri.PathAndQuery != "/")
                throw new SkTuningException($"{Option} has '{url}', expected http://ADDRESS:PORT. For https, put a reverse proxy in front of the server.");
            if (uri.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            {
                found.Add(new(IPAddress.Loopback, uri.Port));
                continue;
            }
            if (!IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address))
                throw new SkTuningException($"{Option} has the host '{uri.Host}', expected localhost, an IP address, or * for all addresses.");
            if (!hasKeys && !IPAddress.IsLoopback(address))
            {
                throw new SkTuningException($"{Option} has '{url}', which other machines can reach, but there are no keys. "
                    + "Set keys (SKTUNING_API_KEYS, SKTUNING_ADMIN_KEYS), or listen on http://127.0.0.1.");
            }
            found.Add(new(address, uri.Port));
        }
        return found;
    }
}
