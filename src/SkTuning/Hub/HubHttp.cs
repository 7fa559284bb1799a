using System.Net;
using System.Net.Http.Headers;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace SkTuning.Hub;

/// <summary>Sends requests to the hub: retries where that can help, follows redirects, and sends the token to the hub alone.</summary>
internal sealed class HubHttp : IDisposable
{
    private const int MaxRedirects = 10;

    /// <summary>The maximum number of retries if no connection can be made: a machine without a network should not wait long.</summary>
    private const int ConnectRetries = 2;

    private readonly HubSettings _settings;
    private readonly HubReport _report;
    private readonly Uri _endpoint;
    private readonly HttpClient _client;
    private readonly ResiliencePipeline<HttpResponseMessage> _patient, _impatient;

    public HubHttp(HubSettings settings, HubReport report)
    {
        (_settings, _report, _endpoint) = (settings, report, new(settings.Endpoint));
        // Redirects are followed here: the handler would not report where it went, and the checksums are in the redirects.
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            ConnectTimeout = settings.AnswerTime,
        };
        _client = new(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("sktuning", LibraryVersion.Text));
        _client.DefaultRequestHeaders.AcceptEncoding.Add(new("identity"));
        (_patient, _impatient) = (Pipeline(settings.Retries, ConnectRetries), Pipeline(settings.Retries, 0));
    }

    /// <summary>
    /// Sends a request and returns the first answer that is not a redirect; for HEAD, also a redirect with the file's checksum. The body is not read yet.
    /// </summary>
    /// <param name="method">GET or HEAD.</param>
    /// <param name="uri">The first address.</param>
    /// <param name="from">For GET: the first byte to request.</param>
    /// <param name="patient">Whether to retry if no connection can be made.</param>
    /// <param name="cancellationToken">Cancels the request and the waits between tries.</param>
    /// <exception cref="HubUnreachableException">Every try ended without an answer or with a temporary failure.</exception>
    public async Task<HttpResponseMessage> Send(HttpMethod method, Uri uri, long from, bool patient, CancellationToken cancellationToken)
    {
        for (var hop = 0; ; hop++)
        {
            var answer = await Once(method, uri, from, patient, cancellationToken).ConfigureAwait(false);
            var redirect = (int)answer.StatusCode is 301 or 302 or 303 or 307 or 308;
            if (!redirect || method == HttpMethod.Head && answer.Headers.Contains("X-Linked-Etag")) return answer;
            using (answer) uri = Next(uri, answer, hop);
        }
    }

    public static bool SameOrigin(Uri a, Uri b)
        => a.Scheme == b.Scheme && a.Port == b.Port && string.Equals(a.IdnHost, b.IdnHost, StringComparison.OrdinalIgnoreCase);

    public void Dispose() => _client.Dispose();

    /// <summary>The address that a redirect leads to.</summary>
    internal static Uri Next(Uri uri, HttpResponseMessage answer, int hop)
    {
        if (hop >= MaxRedirects)
            throw new SkTuningException($"{uri.Host}: found more than {MaxRedirects} redirects, expected a file. Is HF_ENDPOINT the address of a hub?");
        if (answer.Headers.Location is not { } location || !Uri.TryCreate(uri, location, out var next) || next.Scheme is not ("http" or "https"))
            throw new SkTuningException(
                $"{uri.Host}: found a redirect without a usable address, expected one to an http or https address. Is HF_ENDPOINT the address of a hub?");
        if (uri.Scheme == "https" && next.Scheme == "http")
            throw new SkTuningException($"{uri.Host}: found a redirect from https to http ({next.Host}), which is not followed.");
        return next;
    }

    private async Task<HttpResponseMessage> Once(HttpMethod method, Uri uri, long from, bool patient, CancellationToken cancellationToken)
    {
        HttpResponseMessage answer;
        try
        {
            answer = await (patient ? _patient : _impatient).ExecuteAsync(async token =>
            {
                using var request = new HttpRequestMessage(method, uri);
                if (_settings.Token is { } secret && SameOrigin(uri, _endpoint)) request.Headers.Authorization = new("Bearer", secret);
                if (from > 0) request.Headers.Range = new(from, null);
                return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token).ConfigureAwait(false);
            }, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutRejectedException) { throw HubErrors.Silent(uri, e, _settings); }
        if (!IsTransient(answer)) return answer;
        using (answer) throw HubErrors.Busy(answer, _settings.Token is not null);
    }

    /// <summary>True if the same request may succeed later.</summary>
    private static bool IsTransient(HttpResponseMessage answer) => (int)answer.StatusCode is 408 or 429 or >= 500;

    private ResiliencePipeline<HttpResponseMessage> Pipeline(int retries, int connectRetries)
    {
        var builder = new ResiliencePipelineBuilder<HttpResponseMessage>();
        if (retries > 0) builder.AddRetry(new RetryStrategyOptions<HttpResponseMessage>
        {
            MaxRetryAttempts = retries,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = _settings.FirstWait,
            MaxDelay = _settings.MaxWait,
            ShouldHandle = args => ValueTask.FromResult(args.Outcome switch
            {
                { Exception: HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } } => false,
                { Exception: HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError } }
                    => args.AttemptNumber < connectRetries,
                { Result: { } answer } when HubErrors.Wait(answer) > _settings.MaxWait => false,
                { Result: { } answer } => IsTransient(answer),
                var failed => failed.Exception is HttpRequestException or TimeoutRejectedException,
            }),
            // Null selects the computed delay. MaxDelay does not limit the hub's own wait (Retry-After): a longer one is not retried, see above.
            DelayGenerator = args => ValueTask.FromResult(args.Outcome.Result is { } answer ? HubErrors.Wait(answer) : null),
            OnRetry = _ => { _report.Say(HubStep.Waiting); return ValueTask.CompletedTask; },
        });
        return builder.AddTimeout(_settings.AnswerTime).Build();
    }
}
