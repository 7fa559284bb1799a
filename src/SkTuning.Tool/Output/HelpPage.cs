using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Globalization;
using System.Text;

namespace SkTuning.Tool.Output;

/// <summary>Prints the help of a command: its description, usage and examples, then the required options and the others in groups.</summary>
/// <param name="isComplete">Whether to show all options, not only the everyday ones.</param>
internal sealed class HelpPage(bool isComplete) : SynchronousCommandLineAction
{
    private const string Examples = "Example";
    private const int MostWidth = 120, LeastWidth = 59, MostNames = 34;

    /// <summary>Returns the option that prints the everyday options.</summary>
    public static Option Everyday() => new HelpOption { Description = "Show the everyday options.", Action = new HelpPage(isComplete: false) };

    /// <summary>Returns the option that prints all options.</summary>
    public static Option Complete() => new Option<bool>("--help-all")
    {
        Description = "Show all options.", Recursive = true, Arity = ArgumentArity.Zero, Action = new HelpPage(isComplete: true),
    };

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        Console.Write(Of(parseResult.CommandResult.Command, isComplete, Console.IsOutputRedirected ? MostWidth : Console.WindowWidth));
        return 0;
    }

    /// <summary>Returns the help of a command as text.</summary>
    public static string Of(Command command, bool isComplete, int width)
    {
        var (page, lineWidth) = (new StringBuilder(), Math.Clamp(width - 1, LeastWidth, MostWidth));
        var lines = (command.Description ?? "").ReplaceLineEndings("\n").Split('\n');
        var end = Array.FindIndex(lines, l => l.StartsWith(Examples, StringComparison.Ordinal));
        var described = end < 0 ? lines : lines[..end];
        foreach (var line in Wrapped(string.Join('\n', described).TrimEnd(), lineWidth)) page.Append(line).Append('\n');
        page.Append("\nUsage:\n  ").Append(Usage(command)).Append('\n');
        if (end >= 0) page.Append('\n').AppendJoin('\n', lines[end..]).Append('\n');
        Section("Commands", [.. command.Subcommands.Select(c => (Named(c), FirstLine(c)))]);
        Section("Arguments", [.. command.Arguments.Select(a => ($"<{a.Name}>", a.Description ?? ""))]);
        var shown = Shown(command, isComplete);
        Section("Required", [.. shown.Where(o => o.Required).Select(Line)]);
        foreach (var group in shown.Where(o => !o.Required).GroupBy(HelpGroups.TitleOf))
            Section(command.Parents.Any() ? group.Key : "Options", [.. group.Select(Line)]);
        if (command.Options.Count(o => !o.Hidden) - shown.Count is var hidden and > 0)
            page.Append(CultureInfo.InvariantCulture, $"\n{hidden} more options: {Path(command)} --help-all\n");
        return page.ToString();

        void Section(string title, IReadOnlyList<(string Name, string Description)> all)
        {
            if (all.Count == 0) return;
            page.Append('\n').Append(title).Append(":\n");
            var column = Math.Min(Math.Min(MostNames, lineWidth / 3), all.Max(l => l.Name.Length)) + 4;
            foreach (var (name, description) in all)
            {
                var text = Wrapped(description, lineWidth - column).DefaultIfEmpty("").ToList();
                var isLong = name.Length + 4 > column;
                page.Append("  ").Append(isLong ? name + "\n" + new string(' ', column) : name.PadRight(column - 2));
                page.AppendJoin("\n" + new string(' ', column), text).Append('\n');
            }
        }
    }

    private static List<Option> Shown(Command command, bool isComplete)
        => [.. command.Options.Where(o => !o.Hidden && (isComplete || o.Required || !HelpGroups.Of(o).IsRare)).OrderBy(HelpGroups.PlaceOf)];

    private static (string, string) Line(Option option)
    {
        var value = option.HelpName ?? HelpGroups.Of(option).Value ?? (option.Arity.MaximumNumberOfValues == 0 ? null : ValueOf(option.ValueType));
        var names = string.Join(", ", option.Aliases.Where(a => a == "-h").Append(option.Name));
        var usual = option.HasDefaultValue ? Default(option) : "";
        return (value is null ? names : $"{names} {value}", $"{option.Description}{usual}");
    }

    private static string Default(Option option) => option.GetDefaultValue() switch
    {
        null or "" or false or Array => "",
        var value => FormattableString.Invariant($" [default: {value}]"),
    };

    /// <summary>Returns what a value of a type is called; null if the option needs none.</summary>
    private static string? ValueOf(Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        if (plain == typeof(bool)) return null;
        if (plain.IsEnum) return string.Join('|', Enum.GetNames(plain));
        return plain == typeof(double) ? "NUMBER" : plain == typeof(int) || plain == typeof(long) || plain == typeof(ulong) ? "N" : "TEXT";
    }

    private static string Usage(Command command)
    {
        var usage = new StringBuilder(Path(command));
        if (command.Subcommands.Count > 0) usage.Append(" <command>");
        foreach (var argument in command.Arguments) usage.Append(argument.Arity.MinimumNumberOfValues > 0 ? $" <{argument.Name}>" : $" [<{argument.Name}>]");
        foreach (var option in command.Options.Where(o => o.Required || HelpGroups.IsUsual(command, o)).OrderBy(HelpGroups.PlaceOf))
            usage.Append(' ').Append(Line(option).Item1);
        return usage.Append(" [options]").ToString();
    }

    /// <summary>Returns the names of a command's parents and its own.</summary>
    private static string Path(Command command)
        => command.Parents.OfType<Command>().FirstOrDefault() is { } above ? $"{Path(above)} {command.Name}" : command.Name;

    private static string Named(Command command) => string.Join(' ', command.Arguments.Select(a => $"<{a.Name}>").Prepend(command.Name));

    private static string FirstLine(Command command) => (command.Description ?? "").ReplaceLineEndings("\n").Split('\n')[0];

    /// <summary>Breaks a text into lines between words. Lines that are broken already stay so.</summary>
    private static IEnumerable<string> Wrapped(string text, int width)
    {
        foreach (var paragraph in text.Split('\n'))
        {
            var line = new StringBuilder();
            foreach (var word in paragraph.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                if (line.Length > 0 && line.Length + 1 + word.Length > width)
                {
                    yield return line.ToString();
                    line.Clear();
                }
                line.Append(line.Length > 0 ? " " : "").Append(word);
            }
            yield return line.ToString();
        }
    }
}
