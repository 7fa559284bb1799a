// Serves a classifier by HTTP, with errors as problem details and a health check. Your own server would end with app.Run().
using SkTuning;
using SkTuning.Serving;

RuntimeSettings.Start(fast: true);
var builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("SkTuning", LogLevel.Information);
builder.Services.AddSkTuning(o => (o.ModelPath, o.Adapters["topics"]) = TrainOnce());      // or from appsettings.json: see docs/serving.md
var app = builder.Build();
app.MapHealthChecks("/health/ready");
app.MapPost("/classify/{adapter}", async (string adapter, Question question, ClassifierEngine engine, CancellationToken cancellationToken) =>
{
    try { return Results.Json((await engine.ClassifyAsync(adapter, question.Text, cancellationToken)).ToJson()); }
    catch (UnknownAdapterException e) { return Results.Problem(e.Message, statusCode: StatusCodes.Status404NotFound); }
    catch (EngineFullException e) { return Results.Problem(e.Message, statusCode: StatusCodes.Status503ServiceUnavailable); }
});
await app.StartAsync();

using var client = new HttpClient { BaseAddress = new(app.Urls.First()) };
Console.WriteLine(await client.GetStringAsync("/health/ready"));
foreach (var adapter in new[] { "topics", "weather" })
{
    var response = await client.PostAsJsonAsync($"/classify/{adapter}", new Question("where is my parcel?"));
    Console.WriteLine($"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
}
await app.StopAsync();

static (string Model, string Adapter) TrainOnce()
{
    var adapter = Path.Combine(Path.GetTempPath(), "sktuning-sample-topics");
    using var model = TinyModel.Load();
    var rows = RowFile.Load(Path.Combine(AppContext.BaseDirectory, "assets", "data", "support", "train.tsv"));
    using var classifier = TextClassifier.Train(model, rows, new() { Method = new ProbeOptions() });
    classifier.Save(adapter);
    return (model.Describe().Source, adapter);
}

internal sealed record Question(string Text);
