using SkTuning.Heads;

namespace SkTuning;

/// <summary>The options of a linear layer with bias over the pooled states, or over the states of the words. It works with every task.</summary>
public sealed record LinearHeadOptions : HeadOptions
{
    internal override bool IsTransformersHead(bool perWord) => perWord;

    internal override string? Refusal(HeadContext context) => context.FrozenRefusal;

    internal override Head Create(HeadContext context) => new LinearHead(context.Labels.Count, context.Model.Config.StateSize, context.Pooling);
}
