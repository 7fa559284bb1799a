using System.Text.Json.Serialization;
using SkTuning.Methods;
using SkTuning.Methods.Composite;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>
/// Several methods at the same time on one model, such as a prefix and LoRA: <c>TuningOptions.Create("sk-prefix+lora")</c>. Each injects its own tensors into
/// the forward pass; two methods that would fill the same place are refused by name. One adapter holds all of them.
/// </summary>
public sealed record CompositeOptions : TuningOptions
{
    internal const string Kind = "composite";

    /// <summary>The separator of the names.</summary>
    internal const char Join = '+';

    /// <summary>The methods: two or more different ones, of which at most one occupies positions of the context.</summary>
    public required IReadOnlyList<TuningOptions> Parts { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Name => string.Join(Join, Parts.Select(p => p.Name));

    internal override void Validate()
    {
        Check(nameof(Parts), Parts.Count, Parts.Count >= 2, "two or more methods");
        foreach (var part in Parts)
        {
            part.Validate();
            Check(nameof(Parts), part.Name, part.Composes,
                "methods that can be joined with others: the authors' presets, a distilled prefix and methods that train only a head cannot");
            Check(nameof(Parts), Name, Parts.Count(p => p.Name == part.Name) == 1, "each method once");
        }
        var read = Parts.Select(p => p.WordsRead).Where(w => w != PromptWords.AsWritten).Distinct().ToList();
        Check(nameof(Parts), string.Join(" and ", read), read.Count <= 1, "the same PromptWords in all parts: they read one prompt");
        var before = Parts.Where(p => p.Length(1) > 0).Select(p => p.Name).ToList();
        if (before.Count > 1)
            throw new SkTuningException($"The methods {before[0]} and {before[1]} cannot be joined: both insert something before the text. Join one such "
                + "method with methods that change linear layers.");
    }

    /// <summary>Returns the same options with one setting of a part changed, such as <c>lora.rank</c>.</summary>
    internal CompositeOptions With(string key, string value)
    {
        var (name, setting) = key.Split('.', 2) is [var before, var after] ? (before, after) : (null, key);
        if (Parts.All(p => p.Name != name))
            throw new SkTuningException($"The setting {key} = {value} does not name its method, expected one of "
                + $"{string.Join(", ", Parts.Select(p => $"{p.Name}.{setting}"))}.");
        return this with { Parts = [.. Parts.Select(p => p.Name == name ? TuningJson.With(p, setting, value) : p)] };
    }

    /// <summary>The lowest rate of the parts: a rate that is too high for one part is too high for the whole.</summary>
    internal override double? OwnRate => Parts.Min(p => p.OwnRate);

    internal override bool Composes => false;

    internal override PromptWords WordsRead => Parts.Select(p => p.WordsRead).FirstOrDefault(w => w != PromptWords.AsWritten);

    internal override int DemonstrationsPerLabel => Parts.Max(p => p.DemonstrationsPerLabel);

    internal override int? PromptLayers => Parts.Any(p => p.PromptLayers is null) ? null : Parts.Max(p => p.PromptLayers);

    internal override bool ReadsPrompt => Parts.Any(p => p.ReadsPrompt);

    internal override int Length(int promptTokens) => Parts.Sum(p => p.Length(promptTokens));

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt)
        => new CompositeMethod([.. Parts.Select(p => (p.Name, p.CreateMethod(config, prompt)))]);
}
