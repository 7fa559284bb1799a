using System.Globalization;
using System.Text;

namespace SkTuning.Tests.Server;

/// <summary>
/// Requests that are damaged in many ways, some of them no HTTP: each is answered with a status below 500 or not at all, the server works as before, and
/// nothing is written outside the folder of adapters. tests/integration/serve-fuzz.py sends thousands to the command.
/// </summary>
[Collection(MicroAdapters.Collection)]
public sealed class FuzzedRequestTests(MicroAdapters adapters, ITestOutputHelper output)
{
    private const int Requests = 300;

    private static readonly string[] Paths =
    [
        "/", "/v1/classify", "/v1/decide", "/v1/adapters", "/v1/adapters/words", "/v1/adapters/new", "/v1/adapters/words/activate",
        "/v1/adapters/words/rollback", "/v1/adapters/words/corrections", "/v1/adapters/../corrections", "/v1/adapters/new/corrections",
        "/v1/adapters/words/versions/7", "/v1/adapters/../../evil", "/v1/adapters/..%2f..%2fevil", "/v1/adapters/%2e%2e", "/v1/adapters/a%00b",
        "/v1/adapters/NUL",
        "/v1/adapters/%ff%fe", "//", "/metrics", "/health/ready", "/openapi.json", "*", "http://evil.example/",
    ];

    private static readonly string[] Types =
    [
        "application/json", "application/zip", "multipart/form-data; boundary=b", "text/plain", "application/json; charset=latin1", "multipart/form-data",
        "\u00e9",
    ];

    private static readonly string[] Bodies =
    [
        """{"adapter":"words","text":"my card"}""", """{"adapters":["words"],"text":"my card"}""", """{"version":1}""",
        """{"text":"my card","label":"bill"}""", """{"text":"my card","label":"../../evil","newLabel":true,"predicted":[[[]]]}""",
        """{"adapter":"words","texts":["my card","my bill"]}""", "--b\r\nContent-Disposition: form-data; name=\"adapter.json\"\r\n\r\n{}\r\n--b--\r\n",
        """{"adapter":"../../etc","text":[[[[]]]]}""", "[[[[[[[[[[[[[[[[", "\"\\ud800\"", "",
    ];

    [Fact]
    public async Task Damaged_requests_are_refused_and_change_nothing_elsewhere()
    {
        await using var server = await RunningServer.StartAsync(adapters, "words");
        var before = await server.PostAsync("/v1/classify", """{"adapter":"words","text":"my card"}""");
        var random = new Numbers(20261128);
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        byte[][] requests = [.. Enumerable.Range(0, Requests).Select(_ => Request(random))];
        await Parallel.ForEachAsync(requests, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (request, _) =>
        {
            var answer = await server.RawAsync(request, TimeSpan.FromMilliseconds(150));
            var status = answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) ? answer[9..12] : "none";
            lock (counts) counts[status] = counts.GetValueOrDefault(status) + 1;
            // 505 is the right status for a line that names another version of HTTP.
            Assert.False(status[0] == '5' && status != "505", Encoding.Latin1.GetString(request) + "\n" + answer);
        });
        output.WriteLine(string.Join(", ", counts.Select(c => $"{c.Key}: {c.Value}")));
        Assert.True(counts.GetValueOrDefault("400") > 20, "too few requests were read");
        Assert.Equal([server.Folder], Directory.GetFileSystemEntries(server.Around));
        Assert.Equal(["words"], Directory.GetFileSystemEntries(server.Folder).Select(f => Path.GetFileName(f)));
        var after = await server.PostAsync("/v1/classify", """{"adapter":"words","text":"my card"}""");
        Assert.Equal(before["predictions"]!.ToJsonString(), after["predictions"]!.ToJsonString());
    }

    private byte[] Request(Numbers random)
    {
        var body = random.Below(8) == 0 ? adapters.Zip("foreign") : Encoding.UTF8.GetBytes(random.Of(Bodies));
        if (random.Below(2) == 0 && body.Length > 0)
            for (var i = random.Below(4); i >= 0; i--) body[random.Below(body.Length)] = (byte)random.Below(256);
        // The adapter of the tests stays: it is not deleted.
        var head = $"{random.Of("GET", "POST", "POST", "POST", "POST", "PUT", "HEAD", "TRACE", "\u0001")} {random.Of(Paths)} HTTP/1.1\r\nHost: localhost\r\n"
            + $"Content-Type: {random.Of(Types)}\r\nConnection: close\r\n";
        var length = random.Below(6) switch
        {
            0 => "Transfer-Encoding: chunked\r\n",
            1 => $"Content-Length: {random.Of("-1", "99999999999999999999", "1e3", "900000000")}\r\n",
            _ => $"Content-Length: {body.Length.ToString(CultureInfo.InvariantCulture)}\r\n",
        };
        var bytes = Encoding.Latin1.GetBytes(head + length + "\r\n").Concat(body).ToArray();
        if (random.Below(8) == 0) bytes[random.Below(bytes.Length)] = (byte)random.Below(256);
        return bytes;
    }

    /// <summary>The same sequence everywhere (SplitMix64).</summary>
    private sealed class Numbers(ulong seed)
    {
        private ulong _state = seed;

        public int Below(int limit)
        {
            var z = _state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return (int)((z ^ (z >> 31)) % (ulong)limit);
        }

        public string Of(params string[] values) => values[Below(values.Length)];
    }
}
