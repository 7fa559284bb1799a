namespace SkTuning.Compare;

/// <summary>Properties of methods that a plan needs before it runs.</summary>
internal static class MethodTraits
{
    public const string Majority = "majority", TfIdf = "tfidf";

    /// <summary>The methods that do not use a language model and have no learning rate.</summary>
    public static IReadOnlyList<string> Baselines { get; } = [Majority, TfIdf];

    public static IReadOnlyList<string> Names { get; } = [.. Baselines, .. TuningOptions.Names];

    public static bool IsBaseline(string method) => Baselines.Contains(method);

    /// <summary>Returns the preset of a method; null if it has none.</summary>
    public static Preset? PresetOf(PlanMethod method) => method.Preset is { } name ? Preset.Get(name) : null;

    /// <summary>Returns the options of a tuning method with its settings.</summary>
    public static TuningOptions Options(PlanMethod method)
        => method.Method is { } name ? TuningOptions.Create(name, method.Settings) : PresetOf(method)!.Method.With(method.Settings);

    /// <summary>Returns the default learning rate of the method with its settings; null if it has no learning rate.</summary>
    public static double? DefaultRate(PlanMethod method)
        => IsBaseline(method.Kind) ? null : (method.Method is null ? PresetOf(method)?.LearningRate : null) ?? Options(method).DefaultLearningRate;
}
