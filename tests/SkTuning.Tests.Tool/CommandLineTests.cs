using System.CommandLine;
using SkTuning.Tool;
using SkTuning.Tool.Hosting;

namespace SkTuning.Tests.Tool;

/// <summary>Every option of every command, given in ways that are not meant: the line is refused with a message, and nothing is thrown.</summary>
public sealed class CommandLineTests
{
    private sealed record Line(string Command, Option Option, string[] Required)
    {
        public string[] With(params string[] more) => [.. Command.Split(' '), .. Required, .. more];

        public override string ToString() => $"{Command} {Option.Name}";
    }

    [Fact]
    public void An_option_given_twice_is_refused_by_name()
        => Each(line => line.Option.Arity.MaximumNumberOfValues == 1 && !IsFlag(line.Option), (root, line) =>
        {
            var value = Value(line.Option);
            // A required option is in the line already.
            Refused(root, line.With(line.Option.Name, value, line.Option.Name, value), $"Option '{line.Option.Name}' expects a single argument but");
        });

    [Fact]
    public void An_option_without_its_value_is_refused_by_name()
        => Each(line => line.Option.Arity.MinimumNumberOfValues > 0, (root, line) => Refused(root, line.With(line.Option.Name), line.Option.Name));

    [Fact]
    public void A_value_of_another_type_is_refused_by_name()
        => Each(line => !IsFlag(line.Option) && line.Option.ValueType is var type && type != typeof(string) && type != typeof(string[]), (root, line)
            => Refused(root, line.With(line.Option.Name, "x.y"), line.Option.Name));

    [Fact]
    public void An_unknown_option_is_refused_by_name()
        => Each(_ => true, (root, line) => Refused(root, line.With(line.Option.Name + "-x"), line.Option.Name + "-x"));

    [Fact]
    public void A_missing_required_option_is_refused_by_name()
        => Each(line => line.Option.Required, (root, line) =>
        {
            var at = Array.IndexOf(line.Required, line.Option.Name);
            Refused(root, [.. line.Command.Split(' '), .. line.Required[..at], .. line.Required[(at + 2)..]], line.Option.Name);
        });

    [Fact]
    public void An_option_may_be_anywhere_after_its_command()
        => Each(line => !line.Option.Required && !IsFlag(line.Option), (root, line) =>
        {
            string[] given = [line.Option.Name, Value(line.Option)];
            var (first, last) = (Errors(root, [.. line.Command.Split(' '), .. given, .. line.Required]), Errors(root, line.With(given)));
            Assert.True(first.SequenceEqual(last), $"{line}: {string.Join("; ", first)} | {string.Join("; ", last)}");
        });

    [Theory]
    [InlineData("--out")]
    [InlineData("--run")]
    [InlineData("--start-from")]
    public void The_process_ends_with_2_and_one_line(string option)
    {
        var run = ToolRun.Of("train", "--train", "x.tsv", "--out", "o", option, "a", option, "b");
        Assert.Equal(2, run.ExitCode);
        Assert.Equal($"error: Option '{option}' expects a single argument but {(option == "--out" ? 3 : 2)} were provided.", run.Error.Split('\n')[0].Trim());
        Assert.Equal(2, run.Error.Trim().Split('\n').Length);
    }

    private static void Each(Func<Line, bool> where, Action<Command, Line> check)
    {
        using var interruption = new Interruption();
        var root = Program.Root(interruption);
        var lines = Lines(root, "").Where(where).ToList();
        Assert.NotEmpty(lines);
        Assert.All(lines, line => check(root, line));
    }

    private static IEnumerable<Line> Lines(Command command, string path)
    {
        foreach (var sub in command.Subcommands)
            foreach (var line in Lines(sub, path.Length == 0 ? sub.Name : $"{path} {sub.Name}")) yield return line;
        if (command.Subcommands.Count > 0) yield break;
        string[] required =
        [
            .. command.Arguments.Where(a => a.Arity.MinimumNumberOfValues > 0).Select(_ => "argument"),
            .. command.Options.Where(o => o.Required).SelectMany(o => (string[])[o.Name, Value(o)]),
        ];
        if (command.Name == "train") required = [.. required, "--train", "rows.tsv", "--out", "folder"];
        if (command.Name is "predict" or "evaluate") required = [.. required, "--adapter", "folder"];
        if (command.Name == "compare") required = [.. required, "plan.json"];
        foreach (var option in command.Options) yield return new(path, option, required);
    }

    private static bool IsFlag(Option option) => (Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType) == typeof(bool);

    /// <summary>A value that the option accepts.</summary>
    private static string Value(Option option)
    {
        var type = Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType;
        return type.IsEnum ? Enum.GetNames(type)[0] : type != typeof(string) && type != typeof(string[]) ? "1" : option.Name switch
        {
            "--task" => "regression",
            "--method" => "lora",
            "--head" => "linear",
            "--objective" => "label-anchors",
            "--bad-rows" => "skip",
            "--lr" => "auto",
            _ => "a",
        };
    }

    private static IReadOnlyList<string> Errors(Command root, string[] line) => Program.Errors(root.Parse(line));

    private static void Refused(Command root, string[] line, string named)
    {
        var errors = Errors(root, line);
        Assert.True(errors.Any(e => e.Contains(named, StringComparison.Ordinal)), $"{string.Join(' ', line)}: {string.Join("; ", errors)}");
    }
}
