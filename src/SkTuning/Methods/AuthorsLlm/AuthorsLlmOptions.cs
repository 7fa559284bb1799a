using SkTuning.Methods;
using SkTuning.Methods.AuthorsLlm;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>
/// The options of SK-Tuning as in its authors' code for causal models (github.com/Kowsher/SKTuning, llamaSKT.py and its siblings): in every step, the
/// frozen model reads a trained copy of the prompt's word embeddings, and the resulting keys and values are the prefix; or the copy itself is the soft
/// prompt. The head sees the mean over all positions, including padding: as in the authors' code, the result of a row depends on the other rows of its
/// batch. The method exists for comparison.
/// </summary>
public sealed record AuthorsLlmOptions : TuningOptions
{
    /// <summary>Where to insert what is computed from the prompt. The default is <see cref="AuthorsPlace.Prefix"/>.</summary>
    public AuthorsPlace Place { get; init; } = AuthorsPlace.Prefix;

    /// <summary>
    /// Whether to apply a trained linear layer without bias, which starts at random: to the keys and values of each attention head (one for all layers), or
    /// to the soft prompt. The default is <see langword="false"/>, as in all runs of the authors.
    /// </summary>
    public bool Transform { get; init; }

    /// <summary>
    /// The dropout probability on the embeddings (for a prefix, and not on bloom), after the transform, and before the head, from 0 (inclusive)
    /// to 1 (exclusive). The default is 0.1.
    /// </summary>
    public double Dropout { get; init; } = 0.1;

    internal override void Validate() => CheckDropout(Dropout);

    internal override double? OwnRate => Transform ? 1e-3 : 1e-2;

    internal override bool Composes => false;

    internal override bool NeedsLinearHead => true;

    internal override int? PromptLayers => 0;

    internal override bool ReadsPrompt => true;

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt) => new AuthorsLlmMethod(this, config, prompt);
}
