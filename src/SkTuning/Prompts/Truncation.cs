namespace SkTuning;

/// <summary>What becomes of a text that is longer than the model may read.</summary>
public enum Truncation
{
    /// <summary>It loses its end.</summary>
    End,

    /// <summary>It loses its middle: the first quarter of what is kept is the text's beginning, the rest its end (arXiv 1905.05583, "head+tail").</summary>
    Middle,

    /// <summary>
    /// It is read in windows, each as long as the model may read and starting within the one before, so that a quarter of that is read again; its scores are the mean of the windows'. What
    /// <see cref="AdapterOptions.MaxWindows"/> do not reach is lost.
    /// </summary>
    Windows,
}
