using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace SkTuning.Tool.Output;

/// <summary>
/// Prints the tool's output: tables on a terminal, tab-separated lines if standard output is redirected, JSON on request.
/// Progress and warnings go to standard error.
/// </summary>
internal static class Screen
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Standard error as a Spectre console.</summary>
    public static IAnsiConsole Error { get; } = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    public static void Table(string[] header, IEnumerable<string[]> rows)
    {
        if (Console.IsOutputRedirected)
        {
            Console.WriteLine(string.Join('\t', header));
            foreach (var row in rows) Console.WriteLine(string.Join('\t', row.Select(OneCell)));
            return;
        }
        var table = new Table().Border(TableBorder.Rounded);
        foreach (var name in header) table.AddColumn(new TableColumn(new Text(name)));
        foreach (var row in rows) table.AddRow(row.Select(cell => new Text(cell)));
        AnsiConsole.Write(table);
    }

    public static void Line(string text = "") => Console.WriteLine(text);

    /// <summary>Prints a command to run next.</summary>
    /// <param name="command">The command, such as <c>predict</c>.</param>
    /// <param name="arguments">Its arguments, which are quoted where necessary.</param>
    public static void Try(string command, params IEnumerable<IEnumerable<string>> arguments)
        => Line($"Try: sktuning {string.Join(' ', arguments.SelectMany(a => a).Select(Quoted).Prepend(command))}");

    public static void Warning(string text) => Console.Error.WriteLine($"warning: {text}");

    public static void Json(JsonNode node, bool indented = true) => Console.WriteLine(node.ToJsonString(indented ? Indented : OneLine));

    public static string Percent(double value) => double.IsNaN(value) ? "-" : (100 * value).ToString("F1", CultureInfo.InvariantCulture) + "%";

    public static string Seconds(double value) => value.ToString("F1", CultureInfo.InvariantCulture);

    public static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Quoted(string argument)
        => argument.Length > 0 && argument.All(c => char.IsLetterOrDigit(c) || "-_./\\:+=,".Contains(c)) ? argument : $"\"{argument}\"";

    private static string OneCell(string cell) => cell.Replace('\t', ' ').ReplaceLineEndings(" ");
}
