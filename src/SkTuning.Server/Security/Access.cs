using System.Net;
using Microsoft.AspNetCore.Http;
using SkTuning.Server.Http;

namespace SkTuning.Server.Security;

/// <summary>The role that an endpoint requires.</summary>
internal sealed record RequiredRole(Role Role);

/// <summary>
/// Checks who sends a request. Without keys, the server listens on this machine only, where pages of other sites that are open in a browser can reach it too:
/// they are recognized by the headers Origin and Host, which a page cannot change.
/// </summary>
internal sealed class Access(ApiKeys keys)
{
    private const string Scheme = "Bearer ";

    /// <summary>The key of <see cref="HttpContext.Items"/> for the caller, to which the limit of requests per second applies.</summary>
    public static readonly object Caller = new();

    /// <exception cref="RefusedException">The request has no key, an unknown one, or one of another role.</exception>
    public void Check(HttpContext context)
    {
        context.Items[Caller] = context.Connection.RemoteIpAddress?.ToString() ?? "";
        if (!keys.Any)
        {
            CheckSite(context.Request);
            return;
        }
        if (context.GetEndpoint()?.Metadata.GetMetadata<RequiredRole>() is not { } required) return;
        var caller = KeyOf(context.Request) is { } key ? keys.Find(key) : null;
        if (caller is null)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"sktuning\"";
            throw new RefusedException(StatusCodes.Status401Unauthorized, "Expected a key that this server knows: Authorization: Bearer KEY.");
        }
        if (caller.Value.Role < required.Role) throw new RefusedException(StatusCodes.Status403Forbidden, "This needs a key with the role admin.");
        context.Items[Caller] = FormattableString.Invariant($"key {caller.Value.Number}");
    }

    private static string? KeyOf(HttpRequest request)
        => request.Headers.Authorization is [{ } value] && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? value[Scheme.Length..].Trim() : null;

    private static void CheckSite(HttpRequest request)
    {
        var host = request.Host.Host;
        var isHere = host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || IPAddress.TryParse(host.Trim('[', ']'), out var address)
            && IPAddress.IsLoopback(address);
        if (!isHere) throw new RefusedException(StatusCodes.Status403Forbidden, "Without keys, this server answers only requests to localhost.");
        var origin = request.Headers.Origin;
        if (origin.Count > 0 && origin != $"{request.Scheme}://{request.Host}")
            throw new RefusedException(StatusCodes.Status403Forbidden, "Without keys, this server does not answer pages of other sites.");
    }
}
