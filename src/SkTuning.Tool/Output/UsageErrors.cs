using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;

namespace SkTuning.Tool.Output;

/// <summary>Finds what is wrong with a command line, and says it in the terms of the command line.</summary>
internal static partial class UsageErrors
{
    private const string Prefix = "--";

    /// <summary>Returns one sentence for each mistake.</summary>
    public static IReadOnlyList<string> Of(ParseResult parsed)
    {
        var command = parsed.CommandResult;
        if (UnknownCommand(parsed) is { } unknown) return [unknown];
        // A misspelled option causes other errors, such as a missing required option: only the first cause is reported.
        if (UnknownOptions(parsed) is { Count: > 0 } options) return options;
        if (parsed.Errors.Count > 0) return [.. parsed.Errors.Select(Sentence).Distinct()];
        // To the parser, the first value of an option is enough for all times that it is given.
        return
        [
            .. command.Children.OfType<OptionResult>()
                .Where(o => o.Option.Arity.MinimumNumberOfValues > 0 && o.IdentifierTokenCount > o.Tokens.Count)
                .Select(o => $"Required argument missing for option: '{o.Option.Name}'."),
        ];
    }

    private static string? UnknownCommand(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (command.Subcommands.Count == 0 || parsed.UnmatchedTokens.FirstOrDefault(t => !IsOption(t)) is not { } name)
            return command.Subcommands.Count > 0 && parsed.Errors.Count > 0 && parsed.UnmatchedTokens.Count == 0
                ? $"Specify a command: {string.Join(", ", command.Subcommands.Select(c => c.Name))}." : null;
        return $"There is no command '{name}'." + NameSuggestion.For(name, command.Subcommands.Select(c => c.Name));
    }

    private static List<string> UnknownOptions(ParseResult parsed)
    {
        if (parsed.Tokens.Any(t => t.Type == TokenType.DoubleDash)) return [];
        var command = parsed.CommandResult;
        var known = Known(command.Command).ToList();
        // The parser takes an option that it does not know for a value where a value can follow.
        var values = command.Children.SelectMany(c => c switch
        {
            ArgumentResult argument => argument.Tokens,
            OptionResult { Option.AllowMultipleArgumentsPerToken: true } option => option.Tokens,
            _ => [],
        });
        return
        [
            .. parsed.UnmatchedTokens.Concat(values.Select(t => t.Value)).Where(IsOption).Select(t => t.Split('=', ':')[0]).Distinct().Select(name =>
                $"There is no option '{name}'." + (NameSuggestion.For(name, known) is { Length: > 0 } hint ? hint
                    : command.Command.Arguments.Count > 0 ? " If it is not meant as an option, put -- before it." : "")),
        ];
    }

    private static bool IsOption(string token) => token.StartsWith(Prefix, StringComparison.Ordinal) && token.Length > Prefix.Length;

    /// <summary>The options of a command, and those of its parents that apply to it.</summary>
    private static IEnumerable<string> Known(Command command) => command.Options.Select(o => o.Name)
        .Concat(command.Parents.OfType<Command>().SelectMany(c => c.Options.Where(o => o.Recursive).Select(o => o.Name)));

    /// <summary>Returns an error of the parser in the terms of the command line: its own messages name types of .NET.</summary>
    private static string Sentence(ParseError error)
    {
        var message = error.Message.ReplaceLineEndings(" ");
        var option = error.SymbolResult as OptionResult ?? error.SymbolResult?.Parent as OptionResult;
        var (choices, value) = (Choices().Match(message), Value().Match(message));
        if (choices.Success && option is not null)
        {
            string[] names = [.. Quoted().Matches(choices.Groups["names"].Value).Select(m => m.Groups[1].Value)];
            return Expected(option, choices.Groups["value"].Value, names);
        }
        if (!value.Success || option is null) return message;
        var type = Nullable.GetUnderlyingType(option.Option.ValueType) ?? option.Option.ValueType;
        var given = value.Groups["value"].Value;
        if (type.IsEnum) return Expected(option, given, Enum.GetNames(type));
        var expected = type == typeof(bool) ? "true or false" : type == typeof(ulong) ? "a whole number that is not negative" : "a whole number";
        return $"Option '{option.Option.Name}' is '{given}', expected {expected}.";
    }

    private static string Expected(OptionResult option, string value, IReadOnlyList<string> names)
        => $"Option '{option.Option.Name}' is '{value}', expected {string.Join(", ", names)}.{NameSuggestion.For(value, names)}";

    [GeneratedRegex("^Argument '(?<value>.*)' not recognized. Must be one of:(?<names>.*)$", RegexOptions.Singleline)]
    private static partial Regex Choices();

    [GeneratedRegex("^Cannot parse argument '(?<value>.*)' for option '[^']*' as expected type", RegexOptions.Singleline)]
    private static partial Regex Value();

    [GeneratedRegex("'([^']*)'")]
    private static partial Regex Quoted();
}
