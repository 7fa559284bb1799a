using SkTuning.Methods;
using SkTuning.Methods.AuthorsBert;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>Specifies where the authors' presets insert what they compute from the prompt.</summary>
public enum AuthorsPlace
{
    /// <summary>As keys and values before the text, in every layer.</summary>
    Prefix,

    /// <summary>As vectors before the text, at the model's input.</summary>
    Prompt,
}

/// <summary>
/// The options of SK-Tuning as in its authors' code for BERT (github.com/Kowsher/SKTuning, bertSKT.py): one linear layer over the prompt's last states
/// produces the keys and values of all layers, or the soft prompt. It starts at random. The head sees the mean over all positions, including padding: as in
/// the authors' code, the result of a row depends on the other rows of its batch. The method exists for comparison.
/// </summary>
public sealed record AuthorsBertOptions : TuningOptions
{
    /// <summary>Where to insert what is computed from the prompt. The default is <see cref="AuthorsPlace.Prefix"/>.</summary>
    public AuthorsPlace Place { get; init; } = AuthorsPlace.Prefix;

    /// <summary>
    /// Whether to reduce each state to one number first, so that the linear layer computes everything from these numbers (the switch <c>pooling</c> of the
    /// authors' code). The default is <see langword="true"/>.
    /// </summary>
    public bool Pooling { get; init; } = true;

    /// <summary>
    /// The dropout probability on the keys and values, from 0 (inclusive) to 1 (exclusive). It has no effect on a soft prompt. The default is 0.1.
    /// </summary>
    public double Dropout { get; init; } = 0.1;

    internal override void Validate() => CheckDropout(Dropout);

    internal override double? OwnRate => 1e-3;

    internal override bool Composes => false;

    internal override bool NeedsLinearHead => true;

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt) => new AuthorsBertMethod(this, config, prompt);
}
