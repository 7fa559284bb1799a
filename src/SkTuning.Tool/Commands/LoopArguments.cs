using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace SkTuning.Tool.Commands;

/// <summary>The options of the training loop.</summary>
internal sealed class LoopArguments
{
    private const string Balanced = "balanced", Auto = "auto";

    private const long MaxMegabytes = 1L << 40;

    private static readonly TrainingOptions Defaults = new();

    private readonly Option<int?> _epochs = new("--epochs")
    {
        Description = "The maximum number of passes over the training rows. By default, it follows from their number: "
            + "as many as 16 to 20 steps take, at least 3.",
    };

    private readonly Option<int?> _folds = new("--folds")
    {
        Description = "Without dev rows, the number of parts of the cross-validation that estimates the score and whether the adapter helped. "
            + "Each part costs a training. With 0, nothing is estimated. The default is 3.",
    };

    private readonly Option<int?> _maxSteps = new("--max-steps")
    {
        Description = "The maximum number of training steps. By default, only --epochs limits the training.",
    };

    private readonly Option<int?> _batch = new("--batch-size")
    {
        Description = "The maximum number of rows per step. The default is 32, or 16 if the head is not semantic.",
    };

    private readonly Option<string?> _rate = new("--lr")
    {
        Description = "The peak learning rate, or auto to search for one with a few short trainings. The default depends on the method (docs/methods.md).",
    };

    private readonly Option<double?> _headRate = new("--head-lr")
    {
        Description = "The learning rate of the head. The default is the adapter's learning rate.",
    };

    private readonly Option<ScheduleKind> _schedule = new("--schedule")
    {
        Description = "How the learning rate changes after the warm-up.",
        DefaultValueFactory = _ => Defaults.Schedule,
    };

    private readonly Option<double> _warmUp = new("--warm-up")
    {
        Description = "The fraction of all steps over which the learning rate rises to its peak, from 0 to 1.",
        DefaultValueFactory = _ => Defaults.WarmUp,
    };

    private readonly Option<OptimizerKind> _optimizer = new("--optimizer")
    {
        Description = "The optimizer. Adafactor takes steps in proportion to the size of each tensor.",
        DefaultValueFactory = _ => Defaults.Optimizer,
    };
    private readonly Option<double> _momentum = new("--momentum")
    {
        Description = "The momentum of the optimizer Sgd.",
        DefaultValueFactory = _ => Defaults.Momentum,
    };
    private readonly Option<double> _decay = new("--weight-decay")
    {
        Description = "The decoupled weight decay.",
        DefaultValueFactory = _ => Defaults.WeightDecay,
    };

    private readonly Option<double> _clip = new("--clip-norm")
    {
        Description = "The maximum norm of the gradient. Larger gradients are scaled down to it.",
        DefaultValueFactory = _ => Defaults.MaxGradientNorm,
    };

    private readonly Option<double> _smoothing = new("--label-smoothing")
    {
        Description = "The fraction of each target that is distributed evenly over all labels.",
        DefaultValueFactory = _ => Defaults.LabelSmoothing,
    };

    private readonly Option<string[]> _classWeights = new("--class-weight")
    {
        Description = "The weight of a label in the loss: --class-weight spam=3. Can be specified more than once. " +
            "Use --class-weight balanced to give rare labels more weight.",
    };

    private readonly Option<string?> _metric = new("--metric")
    {
        Description = "The metric that selects the best epoch on the dev rows, such as accuracy, macro-f1, mcc or loss. The default depends on the task.",
    };

    private readonly Option<double> _divergence = new("--divergence")
    {
        Description = "Stop when the loss exceeds its initial value by this factor. With 0, stop only if the loss or gradient is NaN or infinite.",
        DefaultValueFactory = _ => Defaults.DivergenceFactor,
    };

    private readonly Option<int?> _micro = new("--micro-batch")
    {
        Description = "The maximum number of rows that pass through the model at the same time. Gradients are accumulated. " +
            "By default, as many as fit in memory.",
    };

    private readonly Option<bool?> _recompute = new("--recompute-activations")
    {
        Description = "Recompute activations in the backward pass, which uses less memory but takes about a third more time. " +
            "By default, they are recomputed only if memory is insufficient.",
    };

    private readonly Option<long?> _memory = new("--memory")
    {
        Description = "The memory available for training, in megabytes. The default is what the machine or container has available.",
    };

    private readonly Option<long> _cache = new("--state-cache")
    {
        Description = "The memory for caching the states below the lowest trained layer, in megabytes. States that do not fit are kept in a temporary file. " +
            "With 0, they are recomputed in every step.",
        DefaultValueFactory = _ => Defaults.StateCacheMemory >> 20,
    };

    private readonly Option<string?> _run = new("--run")
    {
        Description = "The run folder, to which metrics, checkpoints and results are written during training.",
    };
    private readonly Option<bool> _resume = new("--resume") { Description = "Resume the run in the run folder (--run) as if it had never been interrupted." };
    private readonly Option<int?> _checkpointSteps = new("--checkpoint-steps")
    {
        Description = "The number of steps between checkpoints. By default, checkpoints are written after each epoch and as specified by --checkpoint-minutes.",
    };

    private readonly Option<double> _checkpointMinutes = new("--checkpoint-minutes")
    {
        Description = "The maximum number of minutes between checkpoints.",
        DefaultValueFactory = _ => Defaults.CheckpointMinutes,
    };

    private readonly Option<int> _patience = new("--patience")
    {
        Description = "Where dev rows choose the epoch, stop after this many without improvement. With 0, never stop early.",
        DefaultValueFactory = _ => Defaults.Patience,
    };

    private readonly Option<bool> _keepLast = new("--keep-last")
    {
        Description = "Keep the last step, whatever the dev rows say: they only measure the result.",
    };

    private readonly Option<ulong> _seed = new("--seed")
    {
        Description = "The random seed for the initial weights, the dev split, the order of the rows and dropout.",
        DefaultValueFactory = _ => Defaults.Seed,
    };

    public void AddTo(Command command)
    {
        Option[] options =
        [
            _epochs, _maxSteps, _batch, _folds, _rate, _headRate, _schedule, _warmUp, _optimizer, _momentum, _decay, _clip, _smoothing, _classWeights, _metric,
            _divergence, _micro, _recompute, _memory, _cache, _patience, _keepLast, _seed, _run, _resume, _checkpointSteps, _checkpointMinutes,
        ];
        foreach (var option in options) command.Add(option);
        // In bytes, more than a million million would not fit the number.
        foreach (var (option, least) in ((Option, long)[])[(_memory, 1), (_cache, 0)])
            option.AddRule(result =>
            {
                if (result.Tokens is [var token] && long.TryParse(token.Value, CultureInfo.InvariantCulture, out var megabytes)
                    && (megabytes < least || megabytes > MaxMegabytes))
                    result.AddError($"{option.Name} {megabytes}: expected a number from {least} to {MaxMegabytes}.");
            });
        _rate.AddRule(result =>
        {
            if (result.GetValue(_rate) is { } text && text != Auto && Rate(text) is null) result.AddError($"--lr {text}: expected a number or {Auto}.");
        });
        command.AddRule(result =>
        {
            if (result.GetValue(_resume) && result.GetValue(_run) is null) result.AddError("Option '--resume' requires '--run'.");
        });
    }

    /// <summary>The run folder; null if none was specified.</summary>
    public string? Run(SymbolResult result) => result.GetValue(_run);

    /// <summary>Returns the name of an option that was specified and means nothing without training rows; null if there is none.</summary>
    public string? NeedsRows(SymbolResult result)
        => result.GetValue(_run) is not null ? _run.Name : result.GetValue(_rate) == Auto ? _rate.Name + " auto" : null;

    /// <summary>Whether to search for a learning rate.</summary>
    public bool SearchesRate(ParseResult parsed) => parsed.GetValue(_rate) == Auto;

    /// <summary>Returns the options of the training loop: those that were specified, and otherwise those of a recipe.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="recipe">The recipe.</param>
    public TrainingOptions Read(ParseResult parsed, TrainingOptions recipe) => recipe with
    {
        Epochs = parsed.Given(_epochs, recipe.Epochs),
        MaxSteps = parsed.Given(_maxSteps, recipe.MaxSteps),
        BatchSize = parsed.Given(_batch, recipe.BatchSize),
        Folds = parsed.Given(_folds, recipe.Folds),
        LearningRate = Rate(parsed.GetValue(_rate)) ?? recipe.LearningRate,
        HeadLearningRate = parsed.Given(_headRate, recipe.HeadLearningRate),
        Schedule = parsed.Given(_schedule, recipe.Schedule),
        WarmUp = parsed.Given(_warmUp, recipe.WarmUp),
        Optimizer = parsed.Given(_optimizer, recipe.Optimizer),
        Momentum = parsed.Given(_momentum, recipe.Momentum),
        WeightDecay = parsed.Given(_decay, recipe.WeightDecay),
        MaxGradientNorm = parsed.Given(_clip, recipe.MaxGradientNorm),
        LabelSmoothing = parsed.Given(_smoothing, recipe.LabelSmoothing),
        ClassWeights = ClassWeights(parsed),
        BalanceClasses = IsBalanced(parsed),
        Metric = parsed.Given(_metric, recipe.Metric),
        DivergenceFactor = parsed.Given(_divergence, recipe.DivergenceFactor),
        MicroBatchSize = parsed.Given(_micro, recipe.MicroBatchSize),
        RecomputeActivations = parsed.Given(_recompute, recipe.RecomputeActivations),
        AvailableMemory = parsed.GetValue(_memory) << 20,
        StateCacheMemory = parsed.GetValue(_cache) << 20,
        RunFolder = parsed.GetValue(_run),
        Resume = parsed.GetValue(_resume),
        CheckpointSteps = parsed.Given(_checkpointSteps, recipe.CheckpointSteps),
        CheckpointMinutes = parsed.Given(_checkpointMinutes, recipe.CheckpointMinutes),
        Patience = parsed.Given(_patience, recipe.Patience),
        KeepLast = parsed.Given(_keepLast, recipe.KeepLast),
        Seed = parsed.Given(_seed, recipe.Seed),
    };

    private static double? Rate(string? text) => NumberOptions.TryParse(text, out var rate) ? rate : null;

    private bool IsBalanced(ParseResult parsed) => parsed.GetValue(_classWeights) is [Balanced];

    private IReadOnlyDictionary<string, double>? ClassWeights(ParseResult parsed)
    {
        if (parsed.GetValue(_classWeights) is not { Length: > 0 } given || IsBalanced(parsed)) return null;
        var weights = new OrderedDictionary<string, double>();
        foreach (var text in given)
        {
            var at = text.LastIndexOf('=');                                     // the label itself may contain '='
            if (at < 1 || !NumberOptions.TryParse(text.AsSpan(at + 1), out var weight))
                throw new SkTuningException($"--class-weight {text}: expected label=number, such as spam=3, or only {Balanced}.");
            weights[text[..at]] = weight;
        }
        return weights;
    }
}
