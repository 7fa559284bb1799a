using System.Text.Json.Serialization;
using SkTuning.Heads;

namespace SkTuning;

/// <summary>
/// The options of a head that scores each label by the language model's log-likelihood of its words (<see cref="AdapterOptions.LabelWords"/>) after the text,
/// divided by their number of tokens. The words may have several tokens. The head itself has nothing to train.
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
        => new LikelihoodHead(new(context.Model.Transformer, LabelWordTokens.Of(context, single: false)), UnlikelihoodWeight, LanguageModelWeight);
}
