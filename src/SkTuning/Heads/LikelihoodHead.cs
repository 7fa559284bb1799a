using System.Text.Json.Serialization;
using SkTuning.Batches;
using SkTuning.Heads;
using SkTuning.Native;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning;

/// <summary>
/// The options of a head that scores each label by the language model's log-likelihood of its words (<see cref="AdapterOptions.LabelWords"/>) after the text,
/// divided by their number of tokens unless <see cref="LengthNormalized"/> is <see langword="false"/>. The words may have several tokens. The head itself has
/// nothing to train.
/// </summary>
public sealed record LikelihoodHeadOptions : HeadOptions
{
    private const double MaxWeight = 1000;

    /// <summary>The weight of the unlikelihood of the wrong labels' words in the loss, from 0 to 1000. The default is 1, as in T-Few.</summary>
    [JsonPropertyName("unlikelihood")]
    public double UnlikelihoodWeight { get; init; } = 1;

    /// <summary>The weight of the log-likelihood of the right label's words in the loss, from 0 to 1000; T-Few uses 1. The default is 0.</summary>
    [JsonPropertyName("languageModel")]
    public double LanguageModelWeight { get; init; }

    /// <summary>
    /// Whether a label's score is the mean log-likelihood of its tokens, as in T-Few, or their sum, the log-likelihood of the whole answer, which prefers short
    /// answers. The default is <see langword="true"/>.
    /// </summary>
    public bool LengthNormalized { get; init; } = true;

    internal override bool ScoresWords => true;

    internal override void Validate()
    {
        Check(nameof(UnlikelihoodWeight), UnlikelihoodWeight, UnlikelihoodWeight is >= 0 and <= MaxWeight, "0 to 1000");
        Check(nameof(LanguageModelWeight), LanguageModelWeight, LanguageModelWeight is >= 0 and <= MaxWeight, "0 to 1000");
    }

    internal override string? Refusal(HeadContext context)
    {
        if (LabelWordTokens.Refusal(Name, context) is { } reason) return reason;
        var config = context.Model.Config;
        if (context.Truncation == Truncation.Windows)
        {
            return $"The head {Name} scores words after the whole text, not after each of its windows: "
                + "use Truncation.End or Middle (--truncation), or another head.";
        }
        if (!config.Causal) return $"The head {Name} needs a causal model, and {config.Family} is an encoder: use the head label-words or linear.";
        return context.Model.Transformer.HasHead ? null
            : $"The head {Name} needs an LM head, which this {config.Family} checkpoint does not have: use the head linear.";
    }

    internal override int AddedTokens(HeadContext context) => LabelWordTokens.Of(context, single: false).Max(t => t.Length) - 1;

    internal override Head Create(HeadContext context)
        => new LikelihoodHead(new(context.Model.Transformer, LabelWordTokens.Of(context, single: false)), UnlikelihoodWeight, LanguageModelWeight)
        {
            LengthNormalized = LengthNormalized,
        };
}

/// <summary>
/// A label's score is the mean log-probability of its words' tokens after the row, or their sum. Training follows T-Few (arXiv 2205.05638, section 3.2):
/// cross-entropy over these scores, so that the right label is the likeliest; unlikelihood, so that the tokens of wrong labels become less likely; and, if
/// asked for, the right label's own log-likelihood.
/// </summary>
/// <param name="scorer">Scores the labels' tokens.</param>
/// <param name="unlikelihood">The weight of the unlikelihood in the loss.</param>
/// <param name="languageModel">The weight of the right label's log-likelihood in the loss.</param>
internal sealed class LikelihoodHead(AnswerScorer scorer, double unlikelihood, double languageModel) : Head
{
    public override IReadOnlyList<ParameterSpec> Parameters => [];

    public override bool StartMeansSomething => true;

    public override int SequencesFor(Objective objective) => scorer.Sequences;

    public override bool AddsTokens => scorer.AddsTokens;

    /// <summary>A label's score is a mean over its tokens, not a sum.</summary>
    public bool LengthNormalized { get; init; } = true;

    /// <summary>The scores themselves, [B,C].</summary>
    public override Tensor Features(ForwardPass pass, TokenBatch batch) => Scores(scorer.Means(scorer.LogLikelihoods(pass, batch)));

    public override Tensor Readout(Tensor features, ParameterSet parameters) => features;

    public override Tensor Loss(ForwardPass pass, TokenBatch batch, Tensor targets, Objective objective)
    {
        var tokens = scorer.LogLikelihoods(pass, batch);
        var means = scorer.Means(tokens);
        var loss = objective.Loss(Scores(means), targets);
        if (unlikelihood > 0) loss = loss.Plus(LikelihoodLosses.OfWrong(tokens, scorer.Owners(tokens.device), targets) * unlikelihood.Kept());
        if (languageModel > 0) loss = loss.Plus(LikelihoodLosses.OfRight(means, targets) * languageModel.Kept());
        return loss;
    }

    private Tensor Scores(Tensor means) => LengthNormalized ? means : means * scorer.Lengths(means.device);
}
