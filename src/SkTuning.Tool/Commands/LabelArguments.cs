using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json.Nodes;
using SkTuning.Training;

namespace SkTuning.Tool.Commands;

/// <summary>The options that describe individual labels.</summary>
internal sealed class LabelArguments
{
    private readonly Option<string[]> _descriptions = new("--describe")
    {
        Description = "A text that describes a label: --describe \"returns=sending goods back\", or a file with such lines or with a JSON object. A " +
            "label can have several texts, such as a definition and an example; by default, its name is its text. " +
            "The heads semantic, ordinal and label-texts read the texts; with other heads, they follow the prompt, and each label needs one.",
    };

    private const string Auto = "auto";

    private readonly Option<string[]> _words = new("--label-word")
    {
        Description = "Heads label-words and likelihood: the word or words that stand for a label: --label-word positive=great. " +
            $"The default is the label itself. With {Auto}, a unit stands for each label, the most frequent one for the most frequent label (models of units).",
    };

    public void AddTo(Command command, bool words = true)
    {
        command.Add(_descriptions);
        if (words) command.Add(_words);
    }

    /// <summary>Whether a label word was specified.</summary>
    public bool HasWords(SymbolResult result) => result.GetValue(_words) is { Length: > 0 };

    /// <summary>Whether a description was specified.</summary>
    public bool HasDescriptions(SymbolResult result) => result.GetValue(_descriptions) is { Length: > 0 };

    /// <summary>The label descriptions; null if none were specified.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Descriptions(ParseResult parsed)
    {
        var texts = new LabelDescriptionLines();
        foreach (var given in parsed.GetValue(_descriptions) ?? [])
        {
            if (!given.Contains('=') && File.Exists(given)) AddFile(texts, given);
            else if (Pair(given) is var (label, text)) texts.Add(label, text, null);
            else throw new SkTuningException($"--describe {given}: expected label=description, or a file with such lines or a JSON object of texts.");
        }
        return texts.Count == 0 ? null : texts;
    }

    /// <summary>Adds lines of the form label=description, or a JSON object whose values are texts or lists of texts.</summary>
    private static void AddFile(LabelDescriptionLines texts, string file)
    {
        var content = InputFile.ReadAllText(file);
        if (content.TrimStart().StartsWith('{'))
        {
            foreach (var (label, value) in JsonInput.ParseObject(content, file))
                foreach (var text in value is JsonArray all ? [.. all] : (JsonNode?[])[value])
                {
                    if (text is not JsonValue written || !written.TryGetValue<string>(out var description))
                        throw SkTuningException.BadFile(file, label, text?.ToJsonString() ?? "null", "a text or a list of texts");
                    texts.Add(label, description, (file, label));
                }
            return;
        }
        foreach (var row in RowFile.StreamLines(InputFile.Open(file), file, new()).Where(row => !string.IsNullOrWhiteSpace(row.Text)))
        {
            var (label, text) = Pair(row.Text) ?? throw SkTuningException.BadFile(file, $"line {row.Line}", $"\"{row.Text}\"", "label=description");
            texts.Add(label, text, (file, $"line {row.Line}"));
        }
    }

    /// <summary>Whether units of the training rows stand for the labels.</summary>
    public bool TakesUnits(SymbolResult result) => result.GetValue(_words) is [Auto];

    /// <summary>The label words of the labels that have one; null if none were specified.</summary>
    public IReadOnlyDictionary<string, string>? Words(ParseResult parsed)
    {
        var pairs = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        if (TakesUnits(parsed.CommandResult)) return null;
        foreach (var given in parsed.GetValue(_words) ?? [])
        {
            var (label, word) = Pair(given) ?? throw new SkTuningException($"--label-word {given}: expected label=word, or only {Auto}.");
            if (!pairs.TryAdd(label, word)) throw new SkTuningException($"--label-word {given}: '{label}' is specified twice. Specify each label once.");
        }
        return pairs.Count > 0 ? pairs : null;
    }

    private static (string Label, string Text)? Pair(string given)
        => given.Split('=', 2) is [var label, var text] && !string.IsNullOrWhiteSpace(label) ? (label.Trim(), text.Trim()) : null;
}
