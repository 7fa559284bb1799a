using System.CommandLine;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using SkTuning.Diagnostics;
using SkTuning.Peft;

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
        [$"{nameof(PeftImportOptions)}.{nameof(PeftImportOptions.Template)}"] = "--template",
        [$"{nameof(PeftImportOptions)}.{nameof(PeftImportOptions.MaxTokens)}"] = "--max-tokens",
        [$"{nameof(PeftImportOptions)}.{nameof(PeftImportOptions.Pairs)}"] = "--pairs",
        [$"{nameof(PromptSearchOptions)}.{nameof(PromptSearchOptions.Candidates)}"] = "--search-prompt",
        [$"{nameof(DescriptionSearchOptions)}.{nameof(DescriptionSearchOptions.Candidates)}"] = "--search-labels",
        [$"{nameof(RowPickOptions)}.{nameof(RowPickOptions.Count)}"] = "--rows",
        [$"{nameof(RowPickOptions)}.{nameof(RowPickOptions.MaxCandidates)}"] = "--candidates",
        [$"{nameof(OrdinalClassifierOptions)}.{nameof(OrdinalClassifierOptions.Levels)}"] = "--levels",
        [$"{nameof(TextClassifierOptions)}.{nameof(TextClassifierOptions.Coverage)}"] = "--coverage",
        [$"{nameof(PruningOptions)}.{nameof(PruningOptions.Keep)}"] = "--prune",
        [$"{nameof(PruningOptions)}.{nameof(PruningOptions.By)}"] = "--prune-by",
        [Unit(nameof(UnitModelOptions.Units))] = "--units",
        [Unit(nameof(UnitModelOptions.Layers))] = "--layers",
        [Unit(nameof(UnitModelOptions.Hidden))] = "--hidden",
        [Unit(nameof(UnitModelOptions.Context))] = "--context",
        [Unit(nameof(UnitModelOptions.Steps))] = "--steps",
        [Unit(nameof(UnitModelOptions.BatchSize))] = "--batch-size",
        [Unit(nameof(UnitModelOptions.LearningRate))] = "--lr",
        [Unit(nameof(UnitModelOptions.DevFraction))] = "--dev-fraction",
        [Shared(nameof(AdapterOptions.Prune))] = "--prune",
        [Shared(nameof(AdapterOptions.Prompt))] = "--prompt",
        [Shared(nameof(AdapterOptions.Template))] = "--template",
        [Shared(nameof(AdapterOptions.Method))] = "--method",
        [Shared(nameof(AdapterOptions.Pooling))] = "--pooling",
        [Shared(nameof(AdapterOptions.Head))] = "--head",
        [Shared(nameof(AdapterOptions.Objective))] = "--objective",
        [Shared(nameof(AdapterOptions.LabelDescriptions))] = "--describe",
        [Shared(nameof(AdapterOptions.LabelWords))] = "--label-word",
        [$"{nameof(TextClassifierOptions)}.{nameof(TextClassifierOptions.Rejection)}"] = "--reject",
        [Shared(nameof(AdapterOptions.StartFrom))] = "--start-from",
        [Shared(nameof(AdapterOptions.DistillationTexts))] = "--distill-texts",
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
        [Loop(nameof(TrainingOptions.Schedule))] = "--schedule",
        [Loop(nameof(TrainingOptions.Optimizer))] = "--optimizer",
        [Loop(nameof(TrainingOptions.RecomputeActivations))] = "--recompute-activations",
        [Loop(nameof(TrainingOptions.Seed))] = "--seed",
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
        [Loop(nameof(TrainingOptions.KeepLast))] = "--keep-last",
    };

    private static string Shared(string property) => $"{nameof(AdapterOptions)}.{property}";

    private static string Unit(string property) => $"{nameof(UnitModelOptions)}.{property}";

    private static string Loop(string property) => $"{nameof(TrainingOptions)}.{property}";

    /// <summary>Returns a message with the options of a command in place of properties that have one.</summary>
    public static string Of(string message, Command command)
    {
        var names = command.Options.Select(o => o.Name).ToHashSet();
        foreach (var (phrase, instead, option) in Phrases)
            if (names.Contains(option)) message = message.Replace(phrase, instead, StringComparison.Ordinal);
        return Property().Replace(message, found =>
        {
            var (type, name) = (found.Groups["type"].Value, found.Groups["name"].Value);
            var term = Terms.GetValueOrDefault(found.Value)
                ?? (TaskOptions.Contains(type) ? Terms.GetValueOrDefault(Shared(name))
                    : Methods.Contains(type) ? $"--set {JsonNamingPolicy.CamelCase.ConvertName(name)}"
                    : Objectives.Contains(type) && name == nameof(ObjectiveOptions.Weight) ? "--objective-weight" : null);
            return term is not null && names.Contains(term.Split(' ')[0]) ? term : found.Value;
        });
    }

    /// <summary>What the library advises, and what to do on the command line instead, for commands with an option.</summary>
    private static readonly (string Phrase, string Instead, string Option)[] Phrases =
    [
        ("import it with the class for its task", "specify its task with --task", "--task"),
        ("Load the adapter with the class for its task, or with TunedAdapter.Load.", "Specify its task with --task.", "--task"),
        ("Load it with the model it was trained on.", "Specify that model with --model.", "--model"),
        ("Import it with the model that it was trained on.", "Specify that model with --model.", "--model"),
    ];

    /// <summary>The types of the options of methods and of objectives.</summary>
    private static readonly HashSet<string> Methods = Kinds<TuningOptions>(), Objectives = Kinds<ObjectiveOptions>();

    private static HashSet<string> Kinds<T>() => [.. typeof(T).GetCustomAttributes<JsonDerivedTypeAttribute>(inherit: false).Select(a => a.DerivedType.Name)];

    /// <summary>The types that have the properties of <see cref="AdapterOptions"/>.</summary>
    private static readonly HashSet<string> TaskOptions =
    [
        nameof(TextClassifierOptions), nameof(OrdinalClassifierOptions), nameof(MultiLabelClassifierOptions), nameof(TextRegressorOptions),
        nameof(TokenClassifierOptions),
    ];

    [GeneratedRegex(@"\b(?<type>\w+Options)\.(?<name>\w+)\b")]
    private static partial Regex Property();
}
