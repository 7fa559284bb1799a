using SkTuning.Training;
using SkTuning.Tuning;

namespace SkTuning.Compare;

/// <summary>What a plan has to know of a method before it runs.</summary>
internal static class MethodTraits
{
    public const string Majority = "majority", TfIdf = "tfidf";

    /// <summary>Methods without a language model, which no learning rate belongs to.</summary>
    public static IReadOnlyList<string> Baselines { get; } = [Majority, TfIdf];

    /// <summary>Of these the head alone is fitted, at a rate of its own.</summary>
    private static readonly IReadOnlyList<string> HeadAlone = ["probe", "layer-mix", "zero-shot"];

    public static IReadOnlyList<string> Names { get; } = [.. Baselines, .. TuningOptions.Names];

    public static bool IsBaseline(string method) => Baselines.Contains(method);

    public static bool HasRate(string method) => !IsBaseline(method) && !HeadAlone.Contains(method);

    public static double DefaultRate(string method) => new TrainingOptions().LearningRate;
}
