using System.CommandLine;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using SkTuning.Server;
using SkTuning.Tool.Hosting;
using SkTuning.Tool.Output;

namespace SkTuning.Tool.Commands;

/// <summary>Serves adapters over HTTP until a signal ends it.</summary>
internal static class ServeCommand
{
    private const string ReadKeys = "SKTUNING_API_KEYS", AdminKeys = "SKTUNING_ADMIN_KEYS";

    public static Command Create(Interruption interruption)
    {
        var command = new Command("serve", $"""
            Serve adapters over HTTP, with a page to try them. Ctrl+C or SIGTERM ends it after accepted requests were answered.

            Callers need a key if the environment variables {ReadKeys} (classify and read) or {AdminKeys} (also upload, activate and delete adapters)
            are set, to one or more keys separated by commas. Without keys, the server listens on this machine only.

            Examples:
              sktuning serve --model ./my-model --adapters ./adapters
              SKTUNING_ADMIN_KEYS=$(openssl rand -hex 32) sktuning serve --adapters ./adapters --urls http://*:8080
            """);
        var model = new ModelOptions().AddTo(command);
        var adapters = new Option<string>("--adapters")
        {
            Description = "The folder of adapters: NAME/VERSION/adapter.json, or NAME/adapter.json. It is created if it does not exist.", Required = true,
        };
        var urls = new Option<string>("--urls")
        {
            Description = "The addresses to listen on, separated by semicolons.", DefaultValueFactory = _ => "http://127.0.0.1:8080",
        };
        var workers = Optional("--workers", "The number of threads that run the model. By default, one per core, or one on a GPU.", 1_024);
        var batch = Number("--max-batch", "The maximum number of texts in a batch; 1 turns batching off.", 64, 1_024);
        var delay = Number("--max-delay", "The maximum time, in milliseconds, that a text waits for others to share its batch.", 2, 60_000, least: 0);
        var queue = Number("--max-queue", "The maximum number of texts that wait; beyond it, requests are refused with status 503.", 4_096, 1_000_000);
        var texts = Number("--max-texts", "The maximum number of texts in a request.", 256, 65_536);
        var body = Number("--max-body", "The maximum size of a request, in MB.", 4, 1_024);
        var upload = Number("--max-adapter", "The maximum size of an uploaded adapter, in MB.", 64, 1_023);
        var corrections = Number("--max-corrections", "The maximum size of the corrections that are kept for an adapter, in MB.", 16, 1_024, least: 0);
        var memory = Number("--adapter-memory", "The maximum memory that adapters occupy, in MB.", 1_024, 1_048_576);
        var rate = Optional("--max-rate", "The maximum number of requests per second for each key or address. By default, there is no limit.", 1_000_000);
        var timeout = Number("--timeout", "The maximum time for a request, in seconds.", 30, 3_600);
        var logs = new Option<bool>("--log-requests") { Description = "Log a line for each request: its route, status and time, but not its texts." };
        foreach (var option in (Option[])[adapters, urls, workers, batch, delay, queue, texts, body, upload, corrections, memory, rate, timeout, logs])
            command.Add(option);
        command.AddRule(result =>
        {
            if (result.GetValue(queue) < result.GetValue(texts))
                result.AddError("--max-queue is less than --max-texts: a request of that many texts would never be accepted.");
        });
        command.SetAction(async parsed =>
        {
            using var loggers = Loggers(parsed.GetValue(logs));
            using var loaded = model.LoadFor(parsed, parsed.GetValue(adapters)!);
            var server = await ClassifierServer.StartAsync(loaded, new()
            {
                AdapterFolder = parsed.GetValue(adapters)!,
                Urls = [.. parsed.GetValue(urls)!.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)],
                ReadKeys = KeysOf(ReadKeys),
                AdminKeys = KeysOf(AdminKeys),
                MaxTexts = parsed.GetValue(texts),
                MaxBodyBytes = (long)parsed.GetValue(body) << 20,
                MaxAdapterBytes = (long)parsed.GetValue(upload) << 20,
                MaxCorrectionBytes = (long)parsed.GetValue(corrections) << 20,
                MaxRequestsPerSecond = parsed.GetValue(rate),
                RequestTimeout = TimeSpan.FromSeconds(parsed.GetValue(timeout)),
                LoggerFactory = loggers,
                Engine = new()
                {
                    Workers = parsed.GetValue(workers),
                    MaxBatchTexts = parsed.GetValue(batch),
                    MaxDelay = TimeSpan.FromMilliseconds(parsed.GetValue(delay)),
                    MaxQueuedTexts = parsed.GetValue(queue),
                    MaxQueuedTextsPerAdapter = Math.Max(parsed.GetValue(texts), parsed.GetValue(queue) / 4),
                    MaxAdapterBytes = (long)parsed.GetValue(memory) << 20,
                    RejectsWhenFull = true,
                },
            }, interruption.Token);
            await using (server)
            {
                interruption.Serves();
                foreach (var url in server.Urls) Screen.Line($"Listening on {url}");
                await Console.Out.FlushAsync();
                var signal = Task.Delay(Timeout.Infinite, interruption.Token);
                await Task.WhenAny(server.Ready, signal);
                // A folder that cannot be read is no reason to wait for requests.
                if (server.Ready.IsFaulted) await server.Ready;
                await signal.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await server.StopAsync();
            }
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>Logs go to standard error, one line each.</summary>
    private static ILoggerFactory Loggers(bool withRequests) => LoggerFactory.Create(logging => logging
        .SetMinimumLevel(withRequests ? LogLevel.Debug : LogLevel.Information)
        .AddSimpleConsole(console =>
        {
            (console.SingleLine, console.UseUtcTimestamp, console.TimestampFormat) = (true, true, "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ");
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        })
        .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace));

    private static string[] KeysOf(string variable)
        => Environment.GetEnvironmentVariable(variable)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    private static Option<int> Number(string name, string description, int usual, int most, int least = 1)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => usual };
        option.AddRule(result =>
        {
            if (result.GetValue(option) is var value && (value < least || value > most))
                result.AddError(FormattableString.Invariant($"{name} {value}: expected a number from {least} to {most}."));
        });
        return option;
    }

    private static Option<int?> Optional(string name, string description, int most)
    {
        var option = new Option<int?>(name) { Description = description };
        option.AddRule(result =>
        {
            if (result.GetValue(option) is { } value && (value < 1 || value > most))
                result.AddError(FormattableString.Invariant($"{name} {value}: expected a number from 1 to {most}."));
        });
        return option;
    }
}
