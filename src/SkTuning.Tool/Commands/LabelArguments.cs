using System.CommandLine;
using System.CommandLine.Parsing;
using SkTuning.Baselines;
using SkTuning.Compare;
using SkTuning.Training;

namespace SkTuning.Tool.Commands;

/// <summary>What the command line says of single labels.</summary>
internal sealed class LabelArguments
{
    private readonly Option<string[]> _descriptions = new("--describe") { Description = "What a label means, in a sentence behind the prompt: --describe \"returns=sending goods back\"; for each label, or a file with such a line for each." };
    private readonly Option<string[]> _words = new("--label-word") { Description = "Heads label-words, likelihood: what the model answers for a label: --label-word positive=great. Default: the label itself." };

    public void AddTo(Command command)
    {
        command.Add(_descriptions);
        command.Add(_words);
    }

    /// <summary>A word was given.</summary>
    public bool HasWords(SymbolResult result) => result.GetValue(_words) is { Length: > 0 };

    /// <summary>A sentence for each label; null without any.</summary>
    public IReadOnlyDictionary<string, string>? Descriptions(ParseResult parsed)
        => Pairs("--describe", "label=sentence, or a file with such lines", (parsed.GetValue(_descriptions) ?? []).SelectMany(given => given.Contains('=') || !File.Exists(given) ? [given] : Lines(given)));

    /// <summary>A word for each label that has one; null without any.</summary>
    public IReadOnlyDictionary<string, string>? Words(ParseResult parsed) => Pairs("--label-word", "label=word", parsed.GetValue(_words) ?? []);

    private static IEnumerable<string> Lines(string file) => File.ReadLines(file).Where(line => line.Trim().Length > 0);

    private static OrderedDictionary<string, string>? Pairs(string option, string expected, IEnumerable<string> given)
    {
        var pairs = new OrderedDictionary<string, string>();
        foreach (var text in given)
        {
            if (text.Split('=', 2) is not [{ Length: > 0 } label, var value]) throw new SkTuningException($"{option} {text}: expected {expected}.");
            if (!pairs.TryAdd(label.Trim(), value.Trim())) throw new SkTuningException($"{option} {text}: '{label.Trim()}' is there twice, expected once.");
        }
        return pairs.Count > 0 ? pairs : null;
    }
}
