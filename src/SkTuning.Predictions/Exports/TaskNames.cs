namespace SkTuning.Exports;

/// <summary>The names of the tasks that can be exported.</summary>
internal static class TaskNames
{
    public const string SingleLabel = "single-label", Ordinal = "ordinal", MultiLabel = "multi-label", Regression = "regression", Tokens = "tokens";

    public static IReadOnlyList<string> All { get; } = [SingleLabel, Ordinal, MultiLabel, Regression, Tokens];
}
