using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.Timeout;
using SkTuning.Heads;

namespace SkTuning.Hub;

/// <summary>Requests to the hub: tried again where that can help, redirects followed, the token shown to the hub alone.</summary>
internal sealed class HubHttp : IDisposable
{
    private const int MostRedirects = 10;

    /// <summary>Tries behind the first one where no connection comes about: a machine without a network should not wait long.</summary>
    private const int ConnectRetries = 2;

    private readonly HubSettings _settings;
    private readonly HubReport _report;
    private readonly Uri _endpoint;
    private readonly HttpClient _client;
    private readonly ResiliencePipeline<HttpResponseMessage> _patient, _impatient;

    public HubHttp(HubSettings settings, HubReport report)
    {
        (_settings, _report, _endpoint) = (settings, report, new(settings.Endpoint));
        // Redirects are followed here: the handler would not say where it went, and checksums stand in the answers on the way.
        _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.None, UseCookies = false, ConnectTimeout = settings.AnswerTime }) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("sktuning", typeof(HubHttp).Assembly.GetName().Version?.ToString(3)));
        _client.DefaultRequestHeaders.AcceptEncoding.Add(new("identity"));
        (_patient, _impatient) = (Pipeline(settings.Retries, ConnectRetries), Pipeline(settings.Retries, 0));
    }

    /// <summary>The first answer that is no redirect; for HEAD also a redirect that tells the file's checksum. The body is not read yet.</summary>
    /// <param name="method">GET or HEAD.</param>
    /// <param name="uri">Where to begin.</param>
    /// <param name="from">For GET: the first byte that is wanted.</param>
    /// <param name="patient">Whether to try again where no connection comes about.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <exception cref="HubUnreachableException">No answer, or one that may be better another time, at each try.</exception>
    public async Task<HttpResponseMessage> Send(HttpMethod method, Uri uri, long from, bool patient, CancellationToken cancel)
    {
        for (var hop = 0; ; hop++)
        {
            var answer = await Once(method, uri, from, patient, cancel).ConfigureAwait(false);
            var redirect = (int)answer.StatusCode is 301 or 302 or 303 or 307 or 308;
            if (!redirect || method == HttpMethod.Head && answer.Headers.Contains("X-Linked-Etag")) return answer;
            using (answer) uri = Next(uri, answer, hop);
        }
    }

    public static bool SameOrigin(Uri a, Uri b) => a.Scheme == b.Scheme && a.Port == b.Port && string.Equals(a.IdnHost, b.IdnHost, StringComparison.OrdinalIgnoreCase);

    public void Dispose() => _client.Dispose();

    /// <summary>Where a redirect leads.</summary>
    internal static Uri Next(Uri uri, HttpResponseMessage answer, int hop)
    {
        if (hop >= MostRedirects) throw new SkTuningException($"{uri.Host}: found more than {MostRedirects} redirects, expected a file. Is HF_ENDPOINT the address of a hub?");
        if (answer.Headers.Location is not { } location || !Uri.TryCreate(uri, location, out var next) || next.Scheme is not ("http" or "https"))
            throw new SkTuningException($"{uri.Host}: found a redirect to nowhere, expected one to an http or https address. Is HF_ENDPOINT the address of a hub?");
        return uri.Scheme == "https" && next.Scheme == "http" ? throw new SkTuningException($"{uri.Host}: found a redirect from https to http ({next.Host}), which is not followed.") : next;
    }

    private async Task<HttpResponseMessage> Once(HttpMethod method, Uri uri, long from, bool patient, CancellationToken cancel)
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
            }, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutRejectedException) { throw HubErrors.Silent(uri, e, _settings); }
        if ((int)answer.StatusCode is not (408 or 429 or >= 500)) return answer;
        using (answer) throw HubErrors.Busy(answer, _settings.Token is not null);
    }

    private ResiliencePipeline<HttpResponseMessage> Pipeline(int retries, int connectRetries)
    {
        var builder = new ResiliencePipelineBuilder<HttpResponseMessage>();
        if (retries > 0) builder.AddRetry(new HttpRetryStrategyOptions
        {
            MaxRetryAttempts = retries,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = _settings.FirstWait,
            MaxDelay = _settings.LongestWait,
            ShouldHandle = args => ValueTask.FromResult(args.Outcome switch
            {
                { Exception: HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } } => false,
                { Exception: HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError } } => args.AttemptNumber < connectRetries,
                { Result: { } answer } when HubErrors.Wait(answer) > _settings.LongestWait => false,
                _ => HttpClientResiliencePredicates.IsTransient(args.Outcome),
            }),
            OnRetry = _ => { _report.Say(HubStep.Waiting); return ValueTask.CompletedTask; },
        });
        return builder.AddTimeout(_settings.AnswerTime).Build();
    }
}
