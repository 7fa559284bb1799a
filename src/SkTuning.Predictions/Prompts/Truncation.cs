namespace SkTuning;

/// <summary>Specifies how a text that is longer than the maximum number of tokens is handled.</summary>
public enum Truncation
{
    /// <summary>The end of the text is removed.</summary>
    End,

    /// <summary>
    /// The middle of the text is removed: the beginning of the text fills a quarter of the remaining tokens, its end the rest (arXiv 1905.05583, "head+tail").
    /// </summary>
    Middle,

    /// <summary>
    /// The text is read in windows of the maximum length, each of which overlaps the previous one by a quarter. The scores of the text are the mean of the
    /// windows' scores. Text beyond <c>AdapterOptions.MaxWindows</c> windows is removed.
    /// </summary>
    Windows,
}
