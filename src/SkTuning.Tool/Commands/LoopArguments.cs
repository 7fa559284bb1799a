using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using SkTuning.Compare;
using SkTuning.Reports.Runs;
using SkTuning.Tasks;
using SkTuning.Training.Runs;
using SkTuning.Training;

namespace SkTuning.Tool.Commands;

/// <summary>The options of the training loop.</summary>
internal sealed class LoopArguments
{
    private const string Balanced = "balanced", Auto = "auto";

    private static readonly TrainingOptions Defaults = new();

    private readonly Option<int> _epochs = new("--epochs") { Description = "The most passes over the rows.", DefaultValueFactory = _ => Defaults.Epochs };
    private readonly Option<int?> _maxSteps = new("--max-steps") { Description = "The most steps. Default: those of the epochs." };
    private readonly Option<int> _batch = new("--batch-size") { Description = "Rows a step.", DefaultValueFactory = _ => Defaults.BatchSize };
    private readonly Option<string?> _rate = new("--lr") { Description = "Highest learning rate; auto: looks for one with a few short trainings. Default: the method's own (docs/methods.md)." };
    private readonly Option<double?> _headRate = new("--head-lr") { Description = "The head's learning rate. Default: that of the adapter." };
    private readonly Option<ScheduleKind> _schedule = new("--schedule") { Description = "The learning rate behind the warm-up.", DefaultValueFactory = _ => Defaults.Schedule };
    private readonly Option<double> _warmUp = new("--warm-up") { Description = "The part of all steps over which the learning rate rises.", DefaultValueFactory = _ => Defaults.WarmUp };
    private readonly Option<OptimizerKind> _optimizer = new("--optimizer") { Description = "What makes an update of a gradient.", DefaultValueFactory = _ => Defaults.Optimizer };
    private readonly Option<double> _momentum = new("--momentum") { Description = "sgd: what it keeps of the update before.", DefaultValueFactory = _ => Defaults.Momentum };
    private readonly Option<double> _decay = new("--weight-decay") { Description = "Decoupled weight decay.", DefaultValueFactory = _ => Defaults.WeightDecay };
    private readonly Option<double> _clip = new("--clip-norm") { Description = "Longer gradients are scaled down to it.", DefaultValueFactory = _ => Defaults.ClipNorm };
    private readonly Option<double> _smoothing = new("--label-smoothing") { Description = "The part of each target that all labels share.", DefaultValueFactory = _ => Defaults.LabelSmoothing };
    private readonly Option<string[]> _classWeights = new("--class-weight") { Description = "What a label counts in the loss: --class-weight spam=3; or --class-weight balanced." };
    private readonly Option<string?> _metric = new("--metric") { Description = "What chooses the best epoch on dev: accuracy, macro-f1, mcc, loss… Default: the usual one of the task." };
    private readonly Option<double> _divergence = new("--divergence") { Description = "Stop when the loss is so many times what it was at the start; 0: only when it is no number.", DefaultValueFactory = _ => Defaults.Divergence };
    private readonly Option<int?> _micro = new("--micro-batch") { Description = "The most rows that go through the model at once; gradients are added up. Default: what memory allows." };
    private readonly Option<bool?> _recompute = new("--recompute-activations") { Description = "Compute activations again in backward: less memory, about a third more time. Default: only where memory does not suffice." };
    private readonly Option<long?> _memory = new("--memory") { Description = "Megabytes that training may plan with. Default: what machine and container have left." };
    private readonly Option<long> _cache = new("--state-cache") { Description = "Megabytes of memory for states below the lowest trained layer; more go into a temporary file; 0: compute them again in each step.", DefaultValueFactory = _ => Defaults.StateCacheMemory >> 20 };
    private readonly Option<string?> _run = new("--run") { Description = "Folder that tells of the run while it goes on, with checkpoints to resume from." };
    private readonly Option<bool> _resume = new("--resume") { Description = "Go on with the run in --run, as if it had never stopped." };
    private readonly Option<int?> _checkpointSteps = new("--checkpoint-steps") { Description = "Write a checkpoint every so many steps." };
    private readonly Option<double> _checkpointMinutes = new("--checkpoint-minutes") { Description = "Write a checkpoint when the last one is so old.", DefaultValueFactory = _ => Defaults.CheckpointMinutes };
    private readonly Option<int> _patience = new("--patience") { Description = "Stop when dev was not better for so many epochs; 0: never.", DefaultValueFactory = _ => Defaults.Patience };
    private readonly Option<ulong> _seed = new("--seed") { Description = "Start values, split, order of rows.", DefaultValueFactory = _ => Defaults.Seed };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_epochs, _maxSteps, _batch, _rate, _headRate, _schedule, _warmUp, _optimizer, _momentum, _decay, _clip,
            _smoothing, _classWeights, _metric, _divergence, _micro, _recompute, _memory, _cache, _patience, _seed, _run, _resume, _checkpointSteps, _checkpointMinutes]) command.Add(option);
        _rate.Validators.Add(result => { if (result.GetValue(_rate) is { } text && text != Auto && Rate(text) is null) result.AddError($"--lr {text}: expected a number or {Auto}."); });
        command.Validators.Add(result => { if (result.GetValue(_resume) && result.GetValue(_run) is null) result.AddError("--resume goes with --run FOLDER."); });
    }

    /// <summary>The folder of the run; null without one.</summary>
    public string? Run(SymbolResult result) => result.GetValue(_run);

    /// <summary>The learning rate is to be found.</summary>
    public bool SearchesRate(ParseResult parsed) => parsed.GetValue(_rate) == Auto;

    public TrainingOptions Read(ParseResult parsed) => new()
    {
        Epochs = parsed.GetValue(_epochs),
        MaxSteps = parsed.GetValue(_maxSteps),
        BatchSize = parsed.GetValue(_batch),
        LearningRate = Rate(parsed.GetValue(_rate)),
        HeadLearningRate = parsed.GetValue(_headRate),
        Schedule = parsed.GetValue(_schedule),
        WarmUp = parsed.GetValue(_warmUp),
        Optimizer = parsed.GetValue(_optimizer),
        Momentum = parsed.GetValue(_momentum),
        WeightDecay = parsed.GetValue(_decay),
        ClipNorm = parsed.GetValue(_clip),
        LabelSmoothing = parsed.GetValue(_smoothing),
        ClassWeights = ClassWeights(parsed),
        BalanceClasses = IsBalanced(parsed),
        Metric = parsed.GetValue(_metric),
        Divergence = parsed.GetValue(_divergence),
        MicroBatchSize = parsed.GetValue(_micro),
        RecomputeActivations = parsed.GetValue(_recompute),
        AvailableMemory = parsed.GetValue(_memory) << 20,
        StateCacheMemory = parsed.GetValue(_cache) << 20,
        RunFolder = parsed.GetValue(_run),
        Resume = parsed.GetValue(_resume),
        CheckpointSteps = parsed.GetValue(_checkpointSteps),
        CheckpointMinutes = parsed.GetValue(_checkpointMinutes),
        Patience = parsed.GetValue(_patience),
        Seed = parsed.GetValue(_seed),
    };

    private static double? Rate(string? text) => double.TryParse(text, CultureInfo.InvariantCulture, out var rate) ? rate : null;

    private bool IsBalanced(ParseResult parsed) => parsed.GetValue(_classWeights) is [Balanced];

    private IReadOnlyDictionary<string, double>? ClassWeights(ParseResult parsed)
    {
        if (parsed.GetValue(_classWeights) is not { Length: > 0 } given || IsBalanced(parsed)) return null;
        var weights = new OrderedDictionary<string, double>();
        foreach (var text in given)
        {
            var at = text.LastIndexOf('=');                                     // a label may hold one
            if (at < 1 || !double.TryParse(text.AsSpan(at + 1), CultureInfo.InvariantCulture, out var weight)) throw new SkTuningException($"--class-weight {text}: expected label=number, such as spam=3, or {Balanced} alone.");
            weights[text[..at]] = weight;
        }
        return weights;
    }
}
