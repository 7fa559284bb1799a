using System.CommandLine;

namespace SkTuning.Tool.Commands;

/// <summary>Options that were specified on the command line, whatever their defaults.</summary>
internal static class GivenOptions
{
    /// <summary>Returns true if an option was specified.</summary>
    public static bool IsGiven(this ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    /// <summary>Returns the value of an option if it was specified, and otherwise another one.</summary>
    public static T Given<T>(this ParseResult parsed, Option<T> option, T otherwise) => parsed.IsGiven(option) ? parsed.GetValue(option)! : otherwise;
}
