using SkTuning.Methods.AuthorsLlm;
using SkTuning.Methods;
using SkTuning.Metrics;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>
/// The method as the authors' code does it for causal models (github.com/Kowsher/SKTuning, llamaSKT.py and its siblings): a trained copy of the prompt's word embeddings
/// is read by the frozen model in every step, and the keys and values of that reading are the prefix; or the copy itself is the soft prompt. The head sees the plain
/// mean over all positions, padding included: a row's result depends on the rows beside it, as in their code. It is here to compare with.
/// </summary>
public sealed record AuthorsLlmOptions : TuningOptions
{
    /// <summary>Prefix or prompt. Default: Prefix.</summary>
    public AuthorsPlace Place { get; init; } = AuthorsPlace.Prefix;

    /// <summary>A trained linear without bias behind it: over each head's keys and values, one for all layers; or over the soft prompt. It starts at random. Default: false, as in all their runs.</summary>
    public bool Transform { get; init; }

    /// <summary>Dropout on the embeddings (prefix; not for bloom), behind the transform, and before the head, 0 or more, below 1. Default: 0.1.</summary>
    public double Dropout { get; init; } = 0.1;

    internal override void Validate() => Check(nameof(Dropout), Dropout, Dropout is >= 0 and < 1, "0 or more, below 1");

    internal override double? OwnRate => Transform ? 1e-3 : 1e-2;

    internal override bool Composes => false;

    internal override int? PromptLayers => 0;

    internal override bool ReadsPrompt => true;

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt) => new AuthorsLlmMethod(this, config, prompt);
}
