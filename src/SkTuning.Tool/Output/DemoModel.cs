using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;

namespace SkTuning.Tool.Output;

/// <summary>Says that a command uses the bundled model because no other one was specified.</summary>
internal static partial class DemoModel
{
    private static bool _isUsed;

    /// <summary>Prints a line to standard error.</summary>
    public static void Announce(FrozenModel model)
    {
        _isUsed = true;
        var millions = (model.Describe().Parameters / 1e6).ToString("F1", CultureInfo.InvariantCulture);
        Console.Error.WriteLine($"Model: the bundled demo model ({millions} M parameters). For real work, specify a model with --model.");
    }

    /// <summary>Returns what to add to an error that may be due to the wrong model; empty if another model was specified.</summary>
    public static string Advice(string message, Command command)
        => _isUsed && command.Options.Any(o => o.Name == "--model") && Mentioned().IsMatch(message)
            ? " No model was specified with --model: this is the bundled demo model." : "";

    [GeneratedRegex(@"\b(base|model|model's)\b")]
    private static partial Regex Mentioned();
}
