namespace SkTuning.Metrics;

/// <summary>The input checks that metrics share.</summary>
internal static class Check
{
    /// <summary>Checks that there are as many predictions as rows, and at least one.</summary>
    public static void Rows(string metric, int truth, int predicted)
    {
        if (truth != predicted) throw new SkTuningException($"{metric}: {predicted} predictions for {truth} rows, expected one per row.");
        if (truth == 0) throw new SkTuningException($"{metric}: no rows, expected at least 1.");
    }

    public static void Classes(string metric, IReadOnlyList<int> indices, int classes, string what)
    {
        for (var i = 0; i < indices.Count; i++)
            if ((uint)indices[i] >= (uint)classes)
                throw new SkTuningException($"{metric}: row {i + 1} has the {what} class {indices[i]}, expected 0 to {classes - 1}.");
    }

    public static void Finite(string metric, IReadOnlyList<double> values, string what)
    {
        for (var i = 0; i < values.Count; i++)
            if (!double.IsFinite(values[i]))
                throw new SkTuningException(FormattableString.Invariant($"{metric}: row {i + 1} has the {what} {values[i]}, expected a finite number."));
    }

    /// <summary>Checks that no value of any row is NaN.</summary>
    public static void Numbers(string metric, IReadOnlyList<double[]> rows, string what)
    {
        for (var i = 0; i < rows.Count; i++)
            if (rows[i].Any(double.IsNaN)) throw new SkTuningException($"{metric}: row {i + 1} has the {what} NaN, expected a number.");
    }

    /// <summary>Checks that every row is as wide as the first, and returns this width.</summary>
    public static int Width<T>(string metric, IReadOnlyList<T[]> rows, string what)
    {
        for (var i = 1; i < rows.Count; i++)
            if (rows[i].Length != rows[0].Length)
                throw new SkTuningException($"{metric}: row {i + 1} has {rows[i].Length} {what}, expected {rows[0].Length} as in row 1.");
        return rows[0].Length;
    }
}
