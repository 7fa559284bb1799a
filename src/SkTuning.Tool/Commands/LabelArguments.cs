using System.CommandLine;
using System.CommandLine.Parsing;
using SkTuning.Training;

namespace SkTuning.Tool.Commands;

/// <summary>The options that describe individual labels.</summary>
internal sealed class LabelArguments
{
    private readonly Option<string[]> _descriptions = new("--describe")
    {
        Description = "A label description, which is appended to the prompt: --describe \"returns=sending goods back\". " +
            "Specify one per label, or a file with one such line per label.",
    };

    private readonly Option<string[]> _words = new("--label-word")
    {
        Description = "Heads label-words and likelihood: the word or words that stand for a label: --label-word positive=great. " +
            "The default is the label itself.",
    };

    public void AddTo(Command command)
    {
        command.Add(_descriptions);
        command.Add(_words);
    }

    /// <summary>Whether a label word was specified.</summary>
    public bool HasWords(SymbolResult result) => result.GetValue(_words) is { Length: > 0 };

    /// <summary>The label descriptions; null if none were specified.</summary>
    public IReadOnlyDictionary<string, string>? Descriptions(ParseResult parsed) => Pairs("--describe", "label=description, or a file with such lines",
        (parsed.GetValue(_descriptions) ?? []).SelectMany(given => given.Contains('=') || !File.Exists(given) ? [(given, null)] : Lines(given)));

    /// <summary>The label words of the labels that have one; null if none were specified.</summary>
    public IReadOnlyDictionary<string, string>? Words(ParseResult parsed)
        => Pairs("--label-word", "label=word", (parsed.GetValue(_words) ?? []).Select(w => (w, ((string, string)?)null)));

    private static IEnumerable<(string Text, (string File, string Line)? Place)> Lines(string file)
        => RowFile.StreamLines(InputFile.Open(file), file, new()).Where(row => !string.IsNullOrWhiteSpace(row.Text))
            .Select(row => (row.Text, ((string, string)?)(file, $"line {row.Line}")));

    private static LabelDescriptionLines? Pairs(string option, string expected, IEnumerable<(string Text, (string File, string Line)? Place)> given)
    {
        var pairs = new LabelDescriptionLines();
        foreach (var (text, place) in given)
        {
            if (text.Split('=', 2) is not [var label, var value] || string.IsNullOrWhiteSpace(label))
            {
                throw place is var (file, line) ? SkTuningException.BadFile(file, line, $"\"{text}\"", "label=description")
                    : new SkTuningException($"{option} {text}: expected {expected}.");
            }
            if (!pairs.TryAdd(label.Trim(), value.Trim(), place))
            {
                throw place is var (again, second) ? SkTuningException.BadFile(again, second, $"a second description of '{label.Trim()}'", "each label once")
                    : new SkTuningException($"{option} {text}: '{label.Trim()}' is specified twice. Specify each label once.");
            }
        }
        return pairs.Count > 0 ? pairs : null;
    }
}
