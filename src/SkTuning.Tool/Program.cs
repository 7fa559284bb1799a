using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.Globalization;
using SkTuning.Tool.Commands;
using SkTuning.Tool.Hosting;
using SkTuning.Tool.Output;

namespace SkTuning.Tool;

/// <summary>The sktuning command. Exit codes: 0 success, 1 failure, 2 incorrect usage, 130 or 143 interrupted.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        using var interruption = new Interruption();
        return await Run(args, interruption);
    }

    internal static async Task<int> Run(string[] args, Interruption interruption)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;   // numbers on the command line and in the output never depend on the machine
        CsvFormat.Register();
        ParquetFormat.Register();
        ParseResult? parsed = null;
        try
        {
            parsed = Root(interruption).Parse(args);
            if (Errors(parsed) is { Count: > 0 } errors) return IncorrectUsage(parsed, errors);
            // Lists of commands show the first line of each description, without the examples.
            foreach (var command in parsed.CommandResult.Command.Subcommands)
                command.Description = command.Description?.ReplaceLineEndings("\n").Split('\n')[0];
            // Interruption handles signals: the current step is finished and the adapter is saved before the process exits.
            var code = await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
            return code == ExitCodes.Success && interruption.Token.IsCancellationRequested ? interruption.ExitCode : code;
        }
        catch (SkTuningException e)
        {
            return Fail(parsed is null ? e.Message : OptionTerms.Of(e.Message, parsed.CommandResult.Command));
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested) { return Fail("interrupted", interruption.ExitCode); }
        catch (Exception e) when (Environment.GetEnvironmentVariable("SK_DEBUG") != "1")
        {
            return Fail($"unexpected {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")} (set SK_DEBUG=1 to see the stack trace)");
        }
        finally { RowOptions.CloseSideFiles(); }
    }

    /// <summary>Returns the command line: every command with its options.</summary>
    internal static Command Root(Interruption interruption)
    {
        // Not a RootCommand, which would take its name from the executable.
        var root = new Command("sktuning", "Tune a frozen language model on your own rows and classify text with it (Semantic Knowledge Tuning).")
        {
            new HelpOption(), new VersionOption(),
        };
        root.Add(QuickstartCommand.Create(interruption));
        root.Add(TrainCommand.Create(interruption));
        root.Add(EvaluateCommand.Create(interruption));
        root.Add(PredictCommand.Create(interruption));
        root.Add(DataCommand.Create(interruption));
        root.Add(CompareCommand.Create(interruption));
        root.Add(ReportCommand.Create());
        root.Add(ModelCommand.Create(interruption));
        root.Add(AdapterCommand.Create(interruption));
        root.Add(ExportCommand.Create());
        root.Add(ServeCommand.Create(interruption));
        root.Add(InfoCommand.Create());
        NumberOptions.ApplyTo(root);
        return root;
    }

    /// <summary>Returns what is wrong with a command line.</summary>
    internal static IReadOnlyList<string> Errors(ParseResult parsed)
    {
        if (parsed.Errors.Count > 0) return [.. parsed.Errors.Select(e => e.Message)];
        // To the parser, the first value of an option is enough for all times that it is given.
        var bare = parsed.CommandResult.Children.OfType<OptionResult>()
            .Where(o => o.Option.Arity.MinimumNumberOfValues > 0 && o.IdentifierTokenCount > o.Tokens.Count)
            .Select(o => $"Required argument missing for option: '{o.Option.Name}'.").ToList();
        if (bare.Count > 0 || parsed.Tokens.Any(t => t.Type == TokenType.DoubleDash)) return bare;
        // The parser takes an option that it does not know for the value of an argument, such as the text to predict.
        return
        [
            .. parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(a => a.Tokens).Select(t => t.Value)
                .Where(v => v.StartsWith("--", StringComparison.Ordinal))
                .Select(v => $"Option '{v}' is unknown. If it is not meant as an option, put -- before it."),
        ];
    }

    private static int IncorrectUsage(ParseResult parsed, IReadOnlyList<string> errors)
    {
        foreach (var error in errors) Console.Error.WriteLine($"error: {error.ReplaceLineEndings(" ")}");
        Console.Error.WriteLine($"For usage, run: sktuning {Path(parsed.CommandResult)}--help");
        return ExitCodes.IncorrectUsage;
    }

    /// <summary>The names of the command's parents and its own, without the root's.</summary>
    private static string Path(CommandResult result) => result.Parent is CommandResult above ? $"{Path(above)}{result.Command.Name} " : "";

    private static int Fail(string message, int code = ExitCodes.Failure)
    {
        Console.Error.WriteLine($"error: {message}");
        return code;
    }
}
