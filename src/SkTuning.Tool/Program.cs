using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using SkTuning.Native;
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
        LibtorchPackage.Advice = $"Install the tool again, or set {LibtorchFiles.Variable} to a folder with libtorch {LibtorchPackage.Version}.";
        CsvFormat.Register();
        ParquetFormat.Register();
        ParseResult? parsed = null;
        try
        {
            parsed = Root(interruption).Parse(args);
            if (!IsHelp(parsed) && Errors(parsed) is { Count: > 0 } errors) return IncorrectUsage(parsed, errors);
            // Interruption handles signals: the current step is finished and the adapter is saved before the process exits.
            var code = await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
            return code == ExitCodes.Success && interruption.Token.IsCancellationRequested ? interruption.ExitCode : code;
        }
        catch (SkTuningException e)
        {
            return Fail(parsed is null ? e.Message
                : OptionTerms.Of(e.Message, parsed.CommandResult.Command) + DemoModel.Advice(e.Message, parsed.CommandResult.Command));
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
            HelpPage.Everyday(), HelpPage.Complete(), new VersionOption(),
        };
        root.Add(QuickstartCommand.Create(interruption));
        root.Add(TrainCommand.Create(interruption));
        root.Add(EvaluateCommand.Create(interruption));
        root.Add(PredictCommand.Create(interruption));
        root.Add(DataCommand.Create(interruption));
        root.Add(CompareCommand.Create(interruption));
        root.Add(PretrainCommand.Create(interruption));
        root.Add(ReportCommand.Create());
        root.Add(ModelCommand.Create(interruption));
        root.Add(AdapterCommand.Create(interruption));
        root.Add(ExportCommand.Create());
        root.Add(ServeCommand.Create(interruption));
        root.Add(InfoCommand.Create());
        root.Add(DoctorCommand.Create());
        NumberOptions.ApplyTo(root);
        return root;
    }

    /// <summary>Returns what is wrong with a command line.</summary>
    internal static IReadOnlyList<string> Errors(ParseResult parsed) => UsageErrors.Of(parsed);

    /// <summary>Whether help or the version is wanted: whatever else is on the line does not matter.</summary>
    private static bool IsHelp(ParseResult parsed) => parsed.Action is { Terminating: true, ClearsParseErrors: true };

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
