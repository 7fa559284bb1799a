using System.CommandLine;
using System.Text.RegularExpressions;

namespace SkTuning.Tool.Output;

/// <summary>
/// The messages of the library name its properties, such as <c>TrainingOptions.Folds</c>. Here they get the names of the options of the command line.
/// </summary>
internal static partial class OptionTerms
{
    /// <summary>The options, by type and property.</summary>
    internal static IReadOnlyDictionary<string, string> Terms { get; } = new Dictionary<string, string>
    {
        [$"{nameof(RejectionOptions)}.{nameof(RejectionOptions.Score)}"] = "--reject-score",
        [$"{nameof(RejectionOptions)}.{nameof(RejectionOptions.RejectedFraction)}"] = "--reject-fraction",
        [$"{nameof(RejectionOptions)}.{nameof(RejectionOptions.OutOfScopeLabel)}"] = "--out-of-scope-label",
        [$"{nameof(OrdinalClassifierOptions)}.{nameof(OrdinalClassifierOptions.Levels)}"] = "--levels",
        [$"{nameof(TextClassifierOptions)}.{nameof(TextClassifierOptions.Coverage)}"] = "--coverage",
        [Shared(nameof(AdapterOptions.Prompt))] = "--prompt",
        [Shared(nameof(AdapterOptions.Template))] = "--template",
        [Shared(nameof(AdapterOptions.Method))] = "--method",
        [Shared(nameof(AdapterOptions.Pooling))] = "--pooling",
        [Shared(nameof(AdapterOptions.Head))] = "--head",
        [Shared(nameof(AdapterOptions.Objective))] = "--objective",
        [Shared(nameof(AdapterOptions.LabelDescriptions))] = "--describe",
        [Shared(nameof(AdapterOptions.StartFrom))] = "--start-from",
        [Shared(nameof(AdapterOptions.MaxTokens))] = "--max-tokens",
        [Shared(nameof(AdapterOptions.Truncation))] = "--truncation",
        [Shared(nameof(AdapterOptions.MaxWindows))] = "--max-windows",
        [Shared(nameof(AdapterOptions<>.Dev))] = "--dev",
        [Loop(nameof(TrainingOptions.Epochs))] = "--epochs",
        [Loop(nameof(TrainingOptions.MaxSteps))] = "--max-steps",
        [Loop(nameof(TrainingOptions.BatchSize))] = "--batch-size",
        [Loop(nameof(TrainingOptions.Folds))] = "--folds",
        [Loop(nameof(TrainingOptions.LearningRate))] = "--lr",
        [Loop(nameof(TrainingOptions.HeadLearningRate))] = "--head-lr",
        [Loop(nameof(TrainingOptions.WarmUp))] = "--warm-up",
        [Loop(nameof(TrainingOptions.Momentum))] = "--momentum",
        [Loop(nameof(TrainingOptions.WeightDecay))] = "--weight-decay",
        [Loop(nameof(TrainingOptions.MaxGradientNorm))] = "--clip-norm",
        [Loop(nameof(TrainingOptions.LabelSmoothing))] = "--label-smoothing",
        [Loop(nameof(TrainingOptions.ClassWeights))] = "--class-weight",
        [Loop(nameof(TrainingOptions.BalanceClasses))] = "--class-weight balanced",
        [Loop(nameof(TrainingOptions.Metric))] = "--metric",
        [Loop(nameof(TrainingOptions.DivergenceFactor))] = "--divergence",
        [Loop(nameof(TrainingOptions.MicroBatchSize))] = "--micro-batch",
        [Loop(nameof(TrainingOptions.AvailableMemory))] = "--memory",
        [Loop(nameof(TrainingOptions.StateCacheMemory))] = "--state-cache",
        [Loop(nameof(TrainingOptions.RunFolder))] = "--run",
        [Loop(nameof(TrainingOptions.Resume))] = "--resume",
        [Loop(nameof(TrainingOptions.CheckpointSteps))] = "--checkpoint-steps",
        [Loop(nameof(TrainingOptions.CheckpointMinutes))] = "--checkpoint-minutes",
        [Loop(nameof(TrainingOptions.Patience))] = "--patience",
    };

    private static string Shared(string property) => $"{nameof(AdapterOptions)}.{property}";

    private static string Loop(string property) => $"{nameof(TrainingOptions)}.{property}";

    /// <summary>Returns a message with the options of a command in place of properties that have one.</summary>
    public static string Of(string message, Command command)
    {
        var names = command.Options.Select(o => o.Name).ToHashSet();
        return Property().Replace(message, found =>
        {
            var term = Terms.GetValueOrDefault(found.Value)
                ?? (TaskOptions.Contains(found.Groups["type"].Value) ? Terms.GetValueOrDefault(Shared(found.Groups["name"].Value)) : null);
            return term is not null && names.Contains(term.Split(' ')[0]) ? term : found.Value;
        });
    }

    /// <summary>The types that have the properties of <see cref="AdapterOptions"/>.</summary>
    private static readonly HashSet<string> TaskOptions =
    [
        nameof(TextClassifierOptions), nameof(OrdinalClassifierOptions), nameof(MultiLabelClassifierOptions), nameof(TextRegressorOptions),
        nameof(TokenClassifierOptions),
    ];

    [GeneratedRegex(@"\b(?<type>\w+Options)\.(?<name>\w+)\b")]
    private static partial Regex Property();
}
