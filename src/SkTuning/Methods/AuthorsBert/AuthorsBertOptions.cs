using SkTuning.Methods.AuthorsBert;
using SkTuning.Methods;
using SkTuning.Metrics;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>Where the authors' presets put what they make of the prompt.</summary>
public enum AuthorsPlace
{
    /// <summary>Keys and values before the text in every layer.</summary>
    Prefix,

    /// <summary>Vectors before the text at the model's input.</summary>
    Prompt,
}

/// <summary>
/// The method as the authors' code does it for BERT (github.com/Kowsher/SKTuning, bertSKT.py): one linear over the prompt's last states makes all layers' keys and
/// values, or the soft prompt; it starts at random. The head sees the plain mean over all positions, padding included: a row's result depends on the
/// rows beside it, as in their code. It is here to compare with.
/// </summary>
public sealed record AuthorsBertOptions : TuningOptions
{
    /// <summary>Prefix or prompt. Default: Prefix.</summary>
    public AuthorsPlace Place { get; init; } = AuthorsPlace.Prefix;

    /// <summary>Each state becomes one number first, and the linear makes everything of those numbers (their switch <c>pooling</c>). Default: true.</summary>
    public bool Pooling { get; init; } = true;

    /// <summary>The part of the keys and values that is left out at random in training, 0 or more, below 1; the prompt has none. Default: 0.1.</summary>
    public double Dropout { get; init; } = 0.1;

    internal override void Validate() => Check(nameof(Dropout), Dropout, Dropout is >= 0 and < 1, "0 or more, below 1");

    internal override double? OwnRate => 1e-3;

    internal override bool Composes => false;

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt) => new AuthorsBertMethod(this, config, prompt);
}
