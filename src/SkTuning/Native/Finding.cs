namespace SkTuning.Native;

/// <summary>The outcome of one check of the installation.</summary>
internal enum FindingState
{
    /// <summary>Nothing to do.</summary>
    Ok,

    /// <summary>Works, but something could be better or is unusual.</summary>
    Note,

    /// <summary>Does not work until it is mended.</summary>
    Problem,
}

/// <summary>
/// One line about the installation: what was checked, what was found and what to do. Shown by <c>sktuning doctor</c> and as the text of errors.
/// </summary>
/// <param name="Name">What was checked, for example "libtorch".</param>
/// <param name="State">Whether there is something to do.</param>
/// <param name="Text">What was found, without a period at the end.</param>
/// <param name="Advice">What to do, as a sentence; null if there is nothing to do.</param>
/// <param name="Detail">More for an inner exception, such as the folders that were searched.</param>
internal sealed record Finding(string Name, FindingState State, string Text, string? Advice = null, string? Detail = null)
{
    /// <summary>The text and the advice, as one line.</summary>
    public string Message => Advice is null ? Text : $"{Text}. {Advice}";

    public static Finding Ok(string name, string text) => new(name, FindingState.Ok, text);

    public static Finding Problem(string name, string text, string advice, string? detail = null) => new(name, FindingState.Problem, text, advice, detail);
}
