using System.CommandLine;
using System.Text.Json.Nodes;
using SkTuning.Peft;
using SkTuning.Tool.Commands;

namespace SkTuning.Tool.Tasks;

/// <summary>A task on the command line: how its rows are read, trained on, measured and told. Its name is that of the adapter's file.</summary>
internal abstract class ToolTask
{
    public static IReadOnlyList<ToolTask> All { get; } = [new SingleLabelTask(), new MultiLabelTask(), new RegressionTask(), new TokenTask()];

    public static ToolTask Named(string name) => All.First(t => t.Name == name);

    /// <summary>The task of the adapter in a folder.</summary>
    public static ToolTask Of(string folder) => Named(TunedAdapter.TaskOf(folder));

    public abstract string Name { get; }

    /// <summary>Reads rows and trains on them.</summary>
    public abstract TunedAdapter Train(TrainRequest request, IProgress<TrainingProgress>? progress, CancellationToken cancel);

    public abstract TunedAdapter Load(string folder, FrozenModel model);

    /// <summary>Reads an adapter that PEFT saved.</summary>
    public abstract TunedAdapter Import(string folder, FrozenModel model, IReadOnlyList<string>? labels, PeftImportOptions options);

    /// <summary>Measures an adapter on the labelled rows of a file: for people, and as JSON.</summary>
    public abstract (string Text, JsonObject Json) Evaluate(TunedAdapter adapter, string file, RowOptions rows, ParseResult parsed, CancellationToken cancel);

    /// <summary>Tells what the adapter makes of texts, in their order.</summary>
    public abstract IEnumerable<Told> Predict(TunedAdapter adapter, IReadOnlyList<Row> texts, CancellationToken cancel);
}

/// <summary>What a training is asked for.</summary>
/// <param name="Model">The base.</param>
/// <param name="Train">File of the training rows.</param>
/// <param name="Dev">File of the dev rows; null: a part is held out.</param>
/// <param name="Rows">How files are read.</param>
/// <param name="Arguments">How to train.</param>
/// <param name="Parsed">The command line.</param>
internal sealed record TrainRequest(FrozenModel Model, string Train, string? Dev, RowOptions Rows, TrainingArguments Arguments, ParseResult Parsed)
{
    private readonly Lazy<(IReadOnlyList<Row> Train, IReadOnlyList<Row>? Dev)> _rows = new(() =>
    {
        var train = RowFile.Load(Train, Rows.Read(Parsed));
        if (Dev is not null) return (train, RowFile.Load(Dev, Rows.Read(Parsed, limited: false)));
        if (!Rows.HasGroups(Parsed)) return (train, null);
        var training = Arguments.Fill(new TextClassifierOptions { Prompt = "" }, Parsed).Training;
        var split = Splits.Grouped(train, training.DevFraction, training.Seed);
        return (split.Train, split.Held);
    });

    public IReadOnlyList<Row> TrainRows() => _rows.Value.Train;

    /// <summary>Null: training holds a part out itself. Where rows belong to groups it is held out here, whole groups of it.</summary>
    public IReadOnlyList<Row>? DevRows() => _rows.Value.Dev;

    /// <summary>What is different from the command line in the training loop; null: nothing.</summary>
    public Func<TrainingOptions, TrainingOptions>? Change { get; init; }

    public T Options<T>(T options) where T : AdapterOptions
    {
        var filled = Arguments.Fill(options, Parsed);
        return Change is null ? filled : (T)((AdapterOptions)filled with { Training = Change(filled.Training) });
    }
}

/// <summary>The answer for one text.</summary>
/// <param name="Line">For people and pipes.</param>
/// <param name="Json">All of it, without the text.</param>
/// <param name="WasTruncated">The text was too long.</param>
/// <param name="Error">Why there is no answer.</param>
internal sealed record Told(string Line, JsonObject Json, bool WasTruncated, string? Error)
{
    public static Told Failed(string error) => new($"error\t{error}", new() { ["error"] = error }, false, error);
}
