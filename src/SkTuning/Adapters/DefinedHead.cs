using SkTuning.Heads;
using SkTuning.Models;

namespace SkTuning.Adapters;

/// <summary>The head that an adapter's definition asks for.</summary>
internal static class DefinedHead
{
    public static Head Create(AdapterDefinition definition, FrozenModel model, int outputs)
    {
        var pooling = Enum.Parse<Pooling>(definition.Pooling);
        if (definition.Tuning.OwnHead(model.Transformer, outputs, pooling) is { } own)
            return HeadKinds.Find(definition.Head) == HeadKind.Linear ? own : throw new SkTuningException($"The method {definition.Tuning.Name} brings its own head, found the head '{definition.Head}': choose linear, which stands for it.");
        if (WordHeads.Refusal(definition, model) is { } reason) throw new SkTuningException(reason);
        return HeadKinds.Find(definition.Head) switch
        {
            HeadKind.LabelWords => new LabelWordsHead(model.Transformer, [.. WordHeads.Tokens(definition, model).Select(t => t[0])], definition.Tuning.FreezesHead),
            HeadKind.Likelihood => new LikelihoodHead(new(model.Transformer, WordHeads.Tokens(definition, model)), definition.Unlikelihood ?? 1, definition.LanguageModel ?? 0),
            HeadKind.Linear => new LinearHead(outputs, model.Config.StateSize, pooling),
            HeadKind.HuggingFace => new HuggingFaceHead(model.Transformer, outputs),
            _ => throw new SkTuningException($"There is no head '{definition.Head}', expected {string.Join(", ", HeadKinds.Names)}."),
        };
    }
}
