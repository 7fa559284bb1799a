// Classifies messages that arrive on a channel, in a worker service. Messages that arrive together share a batch.
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SkTuning;
using SkTuning.Serving;

RuntimeSettings.Start(fast: true);
var support = Path.Combine(AppContext.BaseDirectory, "assets", "data", "support");
var adapter = Path.Combine(Path.GetTempPath(), "sktuning-sample-worker");
var rows = RowFile.Load(Path.Combine(support, "train.tsv"));
using (var model = TinyModel.Load())
using (var classifier = TextClassifier.Train(model, rows, new() { Method = new ProbeOptions() }))
    classifier.Save(adapter);

var builder = Host.CreateApplicationBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("SkTuning", LogLevel.Information);
builder.Services.AddSkTuning(o => (o.ModelPath, o.Adapters["topics"]) = (TinyModel.Folder, adapter));
builder.Services.AddSingleton(Channel.CreateBounded<string>(100));
builder.Services.AddHostedService<Mailbox>();
builder.Services.AddHostedService<Worker>();
await builder.Build().RunAsync();

/// <summary>Where messages come from: a queue, a folder, or, here, rows of the test file.</summary>
internal sealed class Mailbox(Channel<string> messages) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var row in RowFile.Load(Path.Combine(AppContext.BaseDirectory, "assets", "data", "support", "test.tsv"), new() { Limit = 12 }))
            await messages.Writer.WriteAsync(row.Text, stoppingToken);
        messages.Writer.Complete();
    }
}

/// <summary>Classifies four messages at the same time, and ends the app when there are no more.</summary>
internal sealed class Worker(Channel<string> messages, ClassifierEngine engine, IHostApplicationLifetime app) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = stoppingToken };
        await Parallel.ForEachAsync(messages.Reader.ReadAllAsync(stoppingToken), parallel, async (message, cancellationToken) =>
            Console.WriteLine($"{await engine.ClassifyAsync("topics", message, cancellationToken)}\t{message}"));
        app.StopApplication();
    }
}
