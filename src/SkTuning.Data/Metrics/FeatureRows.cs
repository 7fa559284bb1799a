namespace SkTuning.Metrics;

/// <summary>The features of rows, one row after another.</summary>
/// <param name="Values">[N * D].</param>
/// <param name="Width">D.</param>
internal sealed record FeatureRows(float[] Values, int Width)
{
    /// <summary>N.</summary>
    public int Count => Values.Length / Width;

    /// <summary>Gets the features of a row.</summary>
    public ReadOnlySpan<float> this[int row] => Values.AsSpan(row * Width, Width);

    /// <summary>Returns some of the rows.</summary>
    public FeatureRows Of(IReadOnlyList<int> rows)
    {
        var values = new float[rows.Count * Width];
        for (var i = 0; i < rows.Count; i++) this[rows[i]].CopyTo(values.AsSpan(i * Width));
        return new(values, Width);
    }

    /// <summary>Returns the rows of features given as arrays.</summary>
    public static FeatureRows Of(IReadOnlyList<float[]> rows) => new([.. rows.SelectMany(r => r)], rows[0].Length);
}
