using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;

namespace SkTuning.Tool.Commands;

/// <summary>The options that describe individual labels.</summary>
internal sealed class LabelArguments
{
    private readonly Option<string[]> _descriptions = new("--describe")
    {
        Description = "A text that describes a label: --describe \"returns=sending goods back\". A label can have several texts. Specify texts for each " +
            "label, or a file with such lines or with a JSON object. The head semantic starts from their states; with other heads, they follow the prompt.",
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
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Descriptions(ParseResult parsed)
    {
        var texts = new OrderedDictionary<string, List<string>>();
        foreach (var given in parsed.GetValue(_descriptions) ?? [])
        {
            foreach (var (label, text) in given.Contains('=') || !File.Exists(given) ? [Pair("--describe", Expected, given)] : ReadFile(given))
            {
                if (!texts.ContainsKey(label)) texts.Add(label, []);
                texts[label].Add(text);
            }
        }
        return texts.Count == 0 ? null : texts.ToDictionary(t => t.Key, t => (IReadOnlyList<string>)t.Value);
    }

    private const string Expected = "label=description, or a file with such lines or with a JSON object of labels and texts";

    /// <summary>Reads lines of the form label=description, or a JSON object whose values are texts or lists of texts.</summary>
    private static IEnumerable<(string Label, string Text)> ReadFile(string file)
    {
        var content = InputFile.ReadAllText(file);
        if (!content.TrimStart().StartsWith('{'))
        {
            var lines = RowFile.StreamLines(InputFile.Open(file), file, new()).Select(row => row.Text);
            return lines.Where(line => !string.IsNullOrWhiteSpace(line)).Select(line => Pair("--describe", Expected, line));
        }
        try
        {
            using var json = JsonDocument.Parse(content);
            return [.. json.RootElement.EnumerateObject().SelectMany(label => Texts(label.Value).Select(text => (label.Name, text)))];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw SkTuningException.BadFile(file, null, e.Message, "a JSON object that maps each label to a text or a list of texts", cause: e);
        }

        static IEnumerable<string> Texts(JsonElement value)
            => value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(t => t.GetString() ?? "") : [value.GetString() ?? ""];
    }

    /// <summary>The label words of the labels that have one; null if none were specified.</summary>
    public IReadOnlyDictionary<string, string>? Words(ParseResult parsed) => Pairs("--label-word", "label=word", parsed.GetValue(_words) ?? []);

    private static OrderedDictionary<string, string>? Pairs(string option, string expected, IEnumerable<string> given)
    {
        var pairs = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in given)
        {
            var (label, value) = Pair(option, expected, text);
            if (!pairs.TryAdd(label, value)) throw new SkTuningException($"{option} {text}: '{label}' is specified twice. Specify each label once.");
        }
        return pairs.Count > 0 ? pairs : null;
    }

    private static (string Label, string Value) Pair(string option, string expected, string text)
        => text.Split('=', 2) is [{ Length: > 0 } label, var value] ? (label.Trim(), value.Trim())
            : throw new SkTuningException($"{option} {text}: expected {expected}.");
}
