using System.Globalization;

namespace SkTuning.Fuzz.Running;

/// <summary>How an input ended. All from <see cref="OtherException"/> on are faults of the product.</summary>
internal enum OutcomeKind
{
    /// <summary>Refused by an exception of the library that names the file.</summary>
    Refused,

    /// <summary>Loaded, and then refused for a reason that is not the file's, such as a text that is too long.</summary>
    RefusedInUse,

    /// <summary>Loaded and used; every result is a number.</summary>
    Used,

    /// <summary>Another exception, or a refusal that does not name the file.</summary>
    OtherException,

    /// <summary>The process ended.</summary>
    Death,

    /// <summary>More than the time limit, twice.</summary>
    TooSlow,

    /// <summary>More than the memory limit.</summary>
    TooLarge,

    /// <summary>Accepted, and a result is not a number.</summary>
    NotFinite,

    /// <summary>A valid input was not used: the instrument or the product is broken.</summary>
    ValidRefused,
}

/// <summary>The outcome of one input.</summary>
/// <param name="Head">The type of the exception and the method that threw it, by which findings are grouped.</param>
internal sealed record Outcome(OutcomeKind Kind, string Head, string Message, long Milliseconds, long Growth)
{
    public bool IsFinding => Kind >= OutcomeKind.OtherException;

    public string Written()
        => string.Join('\t', Kind, Uri.EscapeDataString(Head), Uri.EscapeDataString(Message[..Math.Min(Message.Length, 6000)]),
            Milliseconds.ToString(CultureInfo.InvariantCulture), Growth.ToString(CultureInfo.InvariantCulture));

    public static Outcome Read(string line)
    {
        var parts = line.Split('\t');
        return new(Enum.Parse<OutcomeKind>(parts[0]), Uri.UnescapeDataString(parts[1]), Uri.UnescapeDataString(parts[2]),
            long.Parse(parts[3], CultureInfo.InvariantCulture), long.Parse(parts[4], CultureInfo.InvariantCulture));
    }
}
