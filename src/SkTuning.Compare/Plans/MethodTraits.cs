namespace SkTuning.Compare;

/// <summary>What a plan has to know of a method before it runs.</summary>
internal static class MethodTraits
{
    public const string Majority = "majority", TfIdf = "tfidf";

    /// <summary>Methods without a language model, which no learning rate belongs to.</summary>
    public static IReadOnlyList<string> Baselines { get; } = [Majority, TfIdf];

    public static IReadOnlyList<string> Names { get; } = [.. Baselines, .. TuningOptions.Names];

    public static bool IsBaseline(string method) => Baselines.Contains(method);

    /// <summary>The learning rate that the method has by default, as it is set; null where there is none to choose.</summary>
    public static double? DefaultRate(PlanMethod method) => IsBaseline(method.Method) ? null : TunedLearner.Options(method).DefaultLearningRate;
}
