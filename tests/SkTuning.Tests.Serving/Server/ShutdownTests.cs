using System.Net;
using System.Text;
using SkTuning.Tests.Tool;

namespace SkTuning.Tests.Server;

[Collection(MicroAdapters.Collection)]
public sealed class ShutdownTests(MicroAdapters adapters)
{
    /// <summary>The texts of a request: those of all requests fit the queue.</summary>
    private const int Texts = 50;


    [Fact]
    public async Task Requests_that_were_accepted_are_answered_and_no_others()
    {
        await using var server = await RunningServer.StartAsync(adapters, "words");
        var texts = string.Join(',', Enumerable.Repeat("\"my card please\"", Texts));
        var body = $$"""{"adapter":"words","texts":[{{texts}}]}""";
        var requests = Enumerable.Range(0, 16).Select(_ => Task.Run(() => server.PostAsync("/v1/classify", body))).ToList();
        // A request whose body is still on its way was accepted, too.
        var slow = new SlowContent();
        var last = server.Client.PostAsync("/v1/classify", slow);
        await slow.HasBegun.Task;
        while ((await server.Client.GetStringAsync("/metrics")).Split('\n').First(l => l.StartsWith("sktuning_http_active ", StringComparison.Ordinal))
            is var line && double.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture) < 2) await Task.Delay(1);
        var accepted = Task.WhenAll(requests);
        await Task.WhenAny(accepted, requests[0]);
        var stop = server.Server.StopAsync();
        slow.Finish.SetResult();
        using (var answer = await last) Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await stop;
        // Each of the others was answered whole, or its connection was refused before it was accepted.
        foreach (var request in requests)
        {
            try { Assert.Equal(Texts, (await request)["predictions"]!.AsArray().Count); }
            catch (HttpRequestException e) { Assert.Equal(HttpRequestError.ConnectionError, e.HttpRequestError); }
        }
        await Assert.ThrowsAsync<HttpRequestException>(() => server.Client.GetAsync("/health/live"));
    }

    [Fact]
    public async Task SIGTERM_ends_the_command_with_0_after_it_has_answered()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sends a POSIX signal");
        using var folder = new TemporaryFolder();
        adapters.CopyTo("words", folder["words"]);
        using var process = ToolRun.Start(
            "serve", "--model", Fixtures.MicroModel, "--device", "cpu", "--adapters", folder.Path, "--urls", "http://127.0.0.1:0");
        var error = process.StandardError.ReadToEndAsync();
        var line = await process.StandardOutput.ReadLineAsync();
        Assert.StartsWith("Listening on http://127.0.0.1:", line, StringComparison.Ordinal);
        if (Signals.Ignores(process.Id, Signals.Terminate))
        {
            process.Kill();
            Assert.Skip("the tests were started with the signal ignored, as shells start background jobs");
        }
        using var client = new HttpClient { BaseAddress = new(line![13..]) };
        while ((await client.GetAsync("/health/ready")).StatusCode != HttpStatusCode.OK) await Task.Delay(20);
        var slow = new SlowContent();
        var request = client.PostAsync("/v1/classify", slow);
        await slow.HasBegun.Task;
        await Task.Delay(100);
        Assert.Equal(0, Signals.Send(process.Id, Signals.Terminate));
        await Task.Delay(100);
        slow.Finish.SetResult();
        using (var answer = await request) Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token);
        var logged = await error;
        Assert.True(process.ExitCode == 0, $"{process.ExitCode}: {logged}");
        Assert.Contains("No keys are set", logged, StringComparison.Ordinal);
        Assert.DoesNotContain("my card", logged, StringComparison.Ordinal);
    }

    /// <summary>A question that is sent in two parts.</summary>
    private sealed class SlowContent : HttpContent
    {
        private static readonly byte[] Body = Encoding.UTF8.GetBytes("""{"adapter":"words","text":"my card"}""");

        public SlowContent() => Headers.ContentType = new("application/json");

        public TaskCompletionSource HasBegun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Finish { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(Body.AsMemory(0, 10));
            await stream.FlushAsync();
            HasBegun.SetResult();
            await Finish.Task;
            await stream.WriteAsync(Body.AsMemory(10));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = Body.Length;
            return true;
        }
    }
}
