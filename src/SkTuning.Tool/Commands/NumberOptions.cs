using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace SkTuning.Tool.Commands;

/// <summary>
/// How numbers are read from the command line: always with a decimal point and without separators between thousands, whatever the machine's language. (The
/// parser's own conversion reads 0.001 as 1 where the point separates thousands, and 0,5 as 5 where the comma does.)
/// </summary>
internal static class NumberOptions
{
    /// <summary>Reads a number; false if it is none, or NaN.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out double number)
        => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && !double.IsNaN(number);

    /// <summary>Applies this to all options of a command and its subcommands.</summary>
    public static void ApplyTo(Command command)
    {
        foreach (var option in command.Options)
        {
            if (option is Option<double> plain) plain.CustomParser = Parse;
            if (option is Option<double?> optional) optional.CustomParser = result => Parse(result);
        }
        foreach (var child in command.Subcommands) ApplyTo(child);
    }

    private static double Parse(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (!TryParse(text, out var number))
            result.AddError($"Option '{(result.Parent as OptionResult)?.Option.Name}' is '{text}', expected a number such as 0.5, with a decimal point.");
        return number;
    }
}
