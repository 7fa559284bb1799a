namespace SkTuning.Tokenizers.Chat;

/// <summary>Creates the exceptions for templates that cannot be rendered.</summary>
internal static class TemplateError
{
    /// <summary>The start of each message, which <see cref="In"/> replaces with the file and the entry.</summary>
    private const string Subject = "The chat template ";

    private const int MaxLength = 400;

    public static SkTuningException At(string what, int at)
        => new($"{Subject}has {Short(what)} at position {at}, which is not supported. Render the conversation yourself, or pass a plain prompt.");

    public static SkTuningException While(string what, string end = ".") => new($"{Subject}{Short(what)}{end}");

    /// <summary>Returns the same exception with the file and the entry that hold the template.</summary>
    public static SkTuningException In(string file, string key, SkTuningException cause)
        => new SkTuningFileException(
            $"{file}: '{key}' {(cause.Message.StartsWith(Subject, StringComparison.Ordinal) ? cause.Message[Subject.Length..] : cause.Message)}", file, cause);

    /// <summary>Names and reasons come from the template, so they can have any length.</summary>
    private static string Short(string what) => (what.Length <= MaxLength ? what : what[..MaxLength] + "...").ReplaceLineEndings(" ");
}
