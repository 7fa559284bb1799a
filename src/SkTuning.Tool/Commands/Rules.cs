using System.CommandLine;
using System.CommandLine.Parsing;

namespace SkTuning.Tool.Commands;

/// <summary>Rules about the values of options. A rule is not applied if a value cannot be read: the parser reports that.</summary>
internal static class Rules
{
    /// <summary>Adds a rule about several options.</summary>
    public static void AddRule(this Command command, Action<CommandResult> rule) => command.Validators.Add(result => Apply(rule, result));

    /// <summary>Adds a rule about one option.</summary>
    public static void AddRule(this Option option, Action<OptionResult> rule) => option.Validators.Add(result => Apply(rule, result));

    private static void Apply<T>(Action<T> rule, T result) where T : SymbolResult
    {
        try { rule(result); }
        catch (InvalidOperationException)
        {
            // GetValue throws this where an option has no value, has several, or has one of another type.
        }
    }
}
