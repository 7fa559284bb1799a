namespace SkTuning.Classifiers;

/// <summary>Checks of rows that do not depend on the task.</summary>
internal static class RowCheck
{
    /// <exception cref="SkTuningException">A row is null.</exception>
    public static void NotNull<TRow>(IReadOnlyList<TRow> rows, string where)
    {
        for (var i = 0; i < rows.Count; i++)
            if (rows[i] is null) throw new SkTuningException($"Row {i + 1} of {where} is null, expected a row.");
    }
}
