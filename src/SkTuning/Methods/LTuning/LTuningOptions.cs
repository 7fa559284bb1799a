using SkTuning.Heads;
using SkTuning.Methods.LTuning;
using SkTuning.Methods;
using SkTuning.Metrics;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>
/// L-Tuning (arXiv 2402.01643): a text for each label in place of one for the task. The frozen model reads each label's text; what it understood goes through an adapter and becomes the label's own keys and
/// values. A row is read behind the prefix of each label, and a head of one output says how well the two fit; the label that fits best is the answer. The adapter is the one of <c>sk-prefix</c>, shared by all labels,
/// so its size does not grow with their number, and the time of a row does. Step 0 reads the row behind the label's text. It reads no task prompt.
/// </summary>
public sealed record LTuningOptions : TuningOptions
{
    /// <summary>What each label means, by its name; a label without a text is read by its name. Null: all by their names. Default: null.</summary>
    public IReadOnlyDictionary<string, string>? Texts { get; init; }

    /// <summary>The most tokens of a label's text, 1 to 4096, which are held free in the model's context; a longer text is refused. Default: 64.</summary>
    public int MostTokens { get; init; } = 64;

    /// <summary>The adapter's inner width in each layer, 1 to 4096. Default: 16.</summary>
    public int Bottleneck { get; init; } = 16;

    /// <summary>The part of the adapter's inner values that is left out at random in training, 0 or more, below 1. Default: 0.</summary>
    public double Dropout { get; init; }

    internal override void Validate()
    {
        Check(nameof(MostTokens), MostTokens, MostTokens is >= 1 and <= 4096, "1 to 4096");
        Check(nameof(Bottleneck), Bottleneck, Bottleneck is >= 1 and <= 4096, "1 to 4096");
        Check(nameof(Dropout), Dropout, Dropout is >= 0 and < 1, "0 or more, below 1");
        foreach (var (label, text) in Texts ?? new Dictionary<string, string>()) Check($"{nameof(Texts)}['{label}']", $"\"{text}\"", !string.IsNullOrWhiteSpace(text), "a text");
    }

    internal override bool Composes => false;

    internal override int? PromptLayers => 0;

    internal override int Length(int promptTokens) => MostTokens;

    internal override IReadOnlyList<string> LabelTexts(IReadOnlyList<string> labels)
    {
        if (Texts?.Keys.FirstOrDefault(l => !labels.Contains(l)) is { } unknown) throw new SkTuningException($"LTuningOptions.Texts has a text for '{unknown}', which is no label of the rows, expected some of {string.Join(", ", labels.Select(l => $"'{l}'"))}.");
        return [.. labels.Select(l => Texts?.GetValueOrDefault(l) ?? l)];
    }

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt) => CreateMethod(config, prompt, [prompt]);

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt, IReadOnlyList<PromptEncoding> labels)
    {
        if (!config.TakesPrefix) throw new SkTuningException($"l-tuning: models of the family {config.Family} take no prefix of keys and values; use a method that works at the input.");
        foreach (var (c, label) in labels.Index()) Check(nameof(MostTokens), MostTokens, label.Length <= MostTokens, $"{label.Length} or more: so many tokens has the text of label {c + 1}");
        return new LTuningMethod(new() { Bottleneck = Bottleneck, Dropout = Dropout }, config, labels);
    }

    internal override Head OwnHead(Transformer transformer, int outputs, Pooling pooling) => new LTuningHead(transformer.Config, outputs, pooling);
}
