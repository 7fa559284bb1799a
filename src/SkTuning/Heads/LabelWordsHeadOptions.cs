using SkTuning.Heads;
using SkTuning.Models;

namespace SkTuning;

/// <summary>
/// The options of a linear layer that starts as the language model's own scores of one word for each label (<see cref="AdapterOptions.LabelWords"/>): at the
/// last token of a causal model, at the mask token of an encoder.
/// </summary>
public sealed record LabelWordsHeadOptions : HeadOptions
{
    internal override bool ScoresWords => true;

    internal override bool ReadsMask(ModelConfig config) => !config.Causal;

    internal override string? Refusal(HeadContext context)
    {
        if (LabelWordTokens.Refusal(Name, context) is { } reason) return reason;
        var (config, transformer) = (context.Model.Config, context.Model.Transformer);
        if (config.Causal)
            return transformer.HasHead ? null : $"The head {Name} needs an LM head, which this {config.Family} checkpoint does not have: use the head linear.";
        if (!transformer.HasMaskedHead)
            return $"The head {Name} needs a masked-LM head, which this {config.Family} checkpoint does not have: use the head linear.";
        return context.Template.HasMask ? null
            : $"The head {Name} of an encoder answers at its mask token, and the row template '{context.Template}' has no {{mask}}: "
                + "use one such as '{text} It was {mask}.'";
    }

    internal override Head Create(HeadContext context)
        => new LabelWordsHead(context.Model.Transformer, [.. LabelWordTokens.Of(context, single: true).Select(t => t[0])], context.IsFrozen);
}
