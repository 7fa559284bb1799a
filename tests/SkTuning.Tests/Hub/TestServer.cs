using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SkTuning.Tests.Hub;

/// <summary>A client's request. The path is not decoded.</summary>
internal sealed record Request(string Method, string Path, IReadOnlyDictionary<string, string> Headers)
{
    public string? Authorization => Headers.GetValueOrDefault("Authorization");

    /// <summary>The first byte that a Range header requests; 0 without one.</summary>
    public long From => Headers.TryGetValue("Range", out var range) ? long.Parse(range["bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture) : 0;
}

/// <summary>The server's answer.</summary>
internal sealed record Answer(int Status, byte[] Body)
{
    public Answer(int status, string body = "") : this(status, Encoding.UTF8.GetBytes(body)) { }

    public Dictionary<string, string> Headers { get; init; } = [];

    /// <summary>The number of bytes of the body after which the connection is closed.</summary>
    public int? CutAt { get; init; }

    /// <summary>The number of bytes of the body after which nothing more is sent until the client disconnects.</summary>
    public int? StopAt { get; init; }

    /// <summary>Whether to leave out the length of the body.</summary>
    public bool Unannounced { get; init; }
}

/// <summary>An HTTP/1.1 server on a free port of 127.0.0.1 with one request per connection and full control over how badly it behaves.</summary>
internal sealed class TestServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Func<Request, Answer> _answer;

    public TestServer(Func<Request, Answer> answer)
    {
        _answer = answer;
        _listener.Start();
        Address = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
        _ = Task.Run(Listen);
    }

    public string Address { get; }

    public ConcurrentQueue<Request> Requests { get; } = new();

    public void Dispose()
    {
        _end.Cancel();
        _listener.Stop();
    }

    private async Task Listen()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptTcpClientAsync(_end.Token);
                _ = Task.Run(() => Serve(client));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException) { return; }
        }
    }

    private async Task Serve(TcpClient client)
    {
        try
        {
            using (client)
            {
                var stream = client.GetStream();
                if (await Read(stream) is not { } request) return;
                Requests.Enqueue(request);
                await Write(stream, request, _answer(request));
                client.Client.Shutdown(SocketShutdown.Send);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException) { } // the client has disconnected
    }

    private static async Task<Request?> Read(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.Latin1, leaveOpen: true);
        if (await reader.ReadLineAsync() is not { } first) return null;
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await reader.ReadLineAsync() is { Length: > 0 } line) headers[line[..line.IndexOf(':')]] = line[(line.IndexOf(':') + 1)..].Trim();
        var parts = first.Split(' ');
        return new(parts[0], parts[1], headers);
    }

    private async Task Write(NetworkStream stream, Request request, Answer answer)
    {
        var head = new StringBuilder($"HTTP/1.1 {answer.Status} Status\r\nConnection: close\r\n");
        if (!answer.Unannounced) head.Append(CultureInfo.InvariantCulture, $"Content-Length: {answer.Body.Length}\r\n");
        foreach (var (name, value) in answer.Headers) head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        await stream.WriteAsync(Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()));
        if (request.Method == "HEAD") return;
        await stream.WriteAsync(answer.Body.AsMemory(0, Math.Min(answer.Body.Length, answer.CutAt ?? answer.StopAt ?? int.MaxValue)));
        if (answer.StopAt is null) return;
        await stream.FlushAsync();
        await stream.ReadExactlyAsync(new byte[1], _end.Token); // ends when the client closes
    }
}
