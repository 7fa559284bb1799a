using System.Text.Json.Serialization;
using SkTuning.Heads;
using SkTuning.Methods;
using SkTuning.Methods.LTuning;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>
/// The options of L-Tuning (arXiv 2402.01643), which has a text for each label instead of a prompt for the task. The frozen model reads each label's text,
/// and an adapter turns the states into the label's own prefix of keys and values. Each row is read after the prefix of each label; a head with one output
/// scores how well the two match, and the label with the highest score is predicted. The adapter is that of <c>sk-prefix</c>, shared by all labels: its size
/// does not grow with their number, but the time per row does. At step 0, the row is read after the label's own text. The method reads no task prompt.
/// </summary>
public sealed record LTuningOptions : TuningOptions
{
    /// <summary>
    /// The text of each label, which says what the label means. A label without a text is read by its name. The default is
    /// <see langword="null"/>: no label has a text.
    /// </summary>
    public IReadOnlyDictionary<string, string>? Texts { get; init; }

    /// <summary>
    /// The maximum number of tokens of a label's text, from 1 to 4096, which are reserved in the model's context. A longer text is refused.
    /// The default is 64.
    /// </summary>
    [JsonPropertyName("mostTokens")]
    public int MaxTokens { get; init; } = 64;

    /// <summary>The number of hidden units of the adapter in each layer, from 1 to 4096. The default is 16.</summary>
    public int Bottleneck { get; init; } = 16;

    /// <summary>The dropout probability on the adapter's hidden units, from 0 (inclusive) to 1 (exclusive). The default is 0.</summary>
    public double Dropout { get; init; }

    internal override void Validate()
    {
        Check(nameof(MaxTokens), MaxTokens, MaxTokens is >= 1 and <= 4096, "1 to 4096");
        CheckBottleneck(Bottleneck);
        CheckDropout(Dropout);
        foreach (var (label, text) in Texts ?? new Dictionary<string, string>())
            Check($"{nameof(Texts)}['{label}']", $"\"{text}\"", !string.IsNullOrWhiteSpace(text), "a text");
    }

    internal override bool Composes => false;

    internal override bool NeedsLinearHead => true;

    internal override int? PromptLayers => 0;

    internal override int Length(int promptTokens) => MaxTokens;

    internal override IReadOnlyList<string> LabelTexts(IReadOnlyList<string> labels)
    {
        if (Texts?.Keys.Except(labels, StringComparer.Ordinal).FirstOrDefault() is { } unknown)
            throw new SkTuningException($"LTuningOptions.Texts has a text for '{unknown}', which is not a label of the rows, expected "
                + $"{string.Join(", ", labels.Select(l => $"'{l}'"))}.");
        return [.. labels.Select(l => Texts?.GetValueOrDefault(l) ?? l)];
    }

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt) => CreateMethod(config, prompt, [prompt]);

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt, IReadOnlyList<PromptEncoding> labels)
    {
        if (!config.TakesPrefix)
            throw new SkTuningException($"l-tuning: models of the family {config.Family} cannot take a prefix of keys and values; use a method "
                + "that works at the input.");
        foreach (var (c, label) in labels.Index())
            Check(nameof(MaxTokens), MaxTokens, label.Length <= MaxTokens, $"{label.Length} or more, the number of tokens in the text of label {c + 1}");
        return new LTuningMethod(new() { Bottleneck = Bottleneck, Dropout = Dropout }, config, labels);
    }

    internal override Head OwnHead(Transformer transformer, int outputs, Pooling pooling) => new LTuningHead(transformer.Config, outputs, pooling);
}
