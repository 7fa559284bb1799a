namespace SkTuning;

/// <summary>The kinds of tasks.</summary>
public static class TaskKinds
{
    /// <summary>Gets all kinds of tasks.</summary>
    public static IReadOnlyList<TaskKind> All { get; } =
    [
        new Classifiers.SingleLabel.SingleLabelTask(),
        new Classifiers.Ordinal.OrdinalTask(),
        new Classifiers.MultiLabel.MultiLabelTask(),
        new Classifiers.Regression.RegressionTask(),
        new Classifiers.Tokens.TokenTask(),
    ];

    /// <summary>Returns the task with a name.</summary>
    /// <param name="name">The name, such as <c>multi-label</c>.</param>
    /// <exception cref="SkTuningException">There is no such task.</exception>
    public static TaskKind Get(string name)
        => All.FirstOrDefault(k => k.Name == name)
            ?? throw new SkTuningException($"There is no task '{name}', expected {string.Join(", ", All.Select(k => k.Name))}."
                + NameSuggestion.For(name, All.Select(k => k.Name)));

    /// <summary>Returns the task whose adapters are instances of a class.</summary>
    internal static TaskKind Of<TAdapter>() where TAdapter : TunedAdapter => All.First(k => ((IAdapterFactory)k).AdapterType == typeof(TAdapter));
}
