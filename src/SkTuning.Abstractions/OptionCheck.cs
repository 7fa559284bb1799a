namespace SkTuning;

/// <summary>The one wording for an option whose value cannot be used.</summary>
internal static class OptionCheck
{
    /// <summary>Refuses a value.</summary>
    /// <param name="owner">The options' type, such as <c>TrainingOptions</c>.</param>
    /// <param name="name">The property.</param>
    /// <param name="value">Its value.</param>
    /// <param name="isValid">False to refuse it.</param>
    /// <param name="expected">The values that can be used, such as <c>1 or more</c>.</param>
    /// <exception cref="SkTuningException">The value is refused.</exception>
    public static void That<T>(string owner, string name, T value, bool isValid, string expected)
    {
        if (isValid) return;
        var found = SkTuningFileException.OneLine(FormattableString.Invariant($"{value}"));
        throw new SkTuningException($"{owner}.{name} is {found}, expected {expected}.");
    }

    /// <summary>Refuses a value that is not a member of its enumeration.</summary>
    public static void IsDefined<T>(string owner, string name, T value) where T : struct, Enum
        => That(owner, name, value, Enum.IsDefined(value), string.Join(", ", Enum.GetNames<T>()));
}
