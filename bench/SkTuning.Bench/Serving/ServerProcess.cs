using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using SkTuning.Server;

namespace SkTuning.Bench.Serving;

/// <summary>A server in a process of its own, which ends when its standard input does.</summary>
internal sealed class ServerProcess : ILoadTarget
{
    private readonly HttpClient _client;

    public ServerProcess(string folder, string model, int maxBatch)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardInput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet") start.ArgumentList.Add(typeof(ServerProcess).Assembly.Location);
        string[] arguments = ["serve", "--child", folder, "--model", model, "--max-batch", maxBatch.ToString(CultureInfo.InvariantCulture)];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        Process = Process.Start(start)!;
        var url = Process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The server process ended.");
        _client = new() { BaseAddress = new(url) };
    }

    public Process Process { get; }

    /// <summary>Runs in the child.</summary>
    public static int Serve(string folder, string[] arguments)
    {
        var setup = new TrainingSetup([.. arguments, "--threads", $"{Environment.ProcessorCount}"]);
        using var model = setup.Load();
        Run().GetAwaiter().GetResult();
        return 0;

        async Task Run()
        {
            await using var server = await ClassifierServer.StartAsync(model, new()
            {
                AdapterFolder = folder,
                Urls = ["http://127.0.0.1:0"],
                Engine = new() { RejectsWhenFull = true, MaxBatchTexts = int.Parse(ChildRun.Option(arguments, "--max-batch")!, CultureInfo.InvariantCulture) },
            });
            await server.Ready;
            Console.WriteLine(server.Urls[0]);
            await Console.In.ReadToEndAsync();
        }
    }

    public Task ReadyAsync() => Task.CompletedTask;

    public async Task<double[]> AskAsync(string adapter, string text)
    {
        using var response = await _client.PostAsJsonAsync("/v1/classify", new JsonObject { ["adapter"] = adapter, ["text"] = text });
        response.EnsureSuccessStatusCode();
        var body = (await response.Content.ReadFromJsonAsync<JsonObject>())!;
        return [.. body["predictions"]![0]!["scores"]!.AsObject().Select(s => s.Value!.GetValue<double>())];
    }

    public async ValueTask DisposeAsync()
    {
        Process.StandardInput.Close();
        await Process.WaitForExitAsync();
        _client.Dispose();
        if (Process.ExitCode != 0) throw new InvalidOperationException($"The server process ended with code {Process.ExitCode}.");
        Process.Dispose();
    }
}
