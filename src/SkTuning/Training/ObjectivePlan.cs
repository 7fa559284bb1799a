using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Heads;
using SkTuning.Heads.LabelTexts;
using SkTuning.Objectives;

namespace SkTuning.Training;

/// <summary>Creates what the steps of a training minimize, and refuses an objective that the task, the method or the head cannot have.</summary>
internal static class ObjectivePlan
{
    /// <summary>Returns the loss of the steps; null for that of the head alone.</summary>
    /// <param name="adapter">The adapter.</param>
    /// <param name="objective">The options.</param>
    /// <param name="labelTexts">The texts of each label; empty if the head reads none.</param>
    /// <exception cref="SkTuningException">The objective cannot be used.</exception>
    public static FeatureLoss? Create(AdapterModel adapter, ObjectiveOptions objective, IReadOnlyList<IReadOnlyList<EncodedRow>> labelTexts)
    {
        ArgumentNullException.ThrowIfNull(objective);
        objective.Validate();
        if (Refusal(objective, adapter) is { } reason) throw new SkTuningException(reason);
        var (head, comparison) = (adapter.Tuned.Head, objective.Create());
        if (comparison is null && head is not LabelTextsHead) return null;
        return new(head, comparison, objective.Weight, objective.ReadsLabelTexts || head is LabelTextsHead ? labelTexts : [])
        {
            MaskedWords = objective.MaskedWords > 0 ? MaskedWords(adapter.Model, objective) : null,
        };
    }

    private static MaskedWords MaskedWords(FrozenModel model, ObjectiveOptions objective)
    {
        var tokenizer = model.Tokenizer;
        if (!model.Transformer.HasMaskedHead || tokenizer.MaskId is not { } mask)
        {
            throw new SkTuningException($"The objective {objective.Name} has a weight for masked words, which need an encoder with a masked-LM head, and this "
                + $"{model.Config.Family} checkpoint has none: set MaskedWordsWeight to 0, or use a checkpoint with the head.");
        }
        int?[] special = [mask, tokenizer.ClsId, tokenizer.SepId, tokenizer.PadId, tokenizer.BosId, tokenizer.EosId];
        return new(objective.MaskedWords, mask, special.OfType<int>().ToHashSet());
    }

    private static string? Refusal(ObjectiveOptions objective, AdapterModel adapter)
    {
        var (definition, tuned) = (adapter.Definition, adapter.Tuned);
        if (objective.Refusal(definition.Task.Kind) is { } reason) return reason;
        if (objective is CrossEntropyObjectiveOptions) return null;
        var (name, head) = (objective.Name, definition.Head.Name);
        if (!tuned.HasAdapter)
        {
            return $"The objective {name} trains the states of the model, which the method {definition.Tuning.Name} leaves unchanged: use another method, "
                + "or the objective cross-entropy.";
        }
        if (tuned.Head.Map(tuned.Parameters, tuned.Parameters.Values) is null)
        {
            var owner = definition.Head is LinearHeadOptions ? $"method {definition.Tuning.Name}, which has its own head," : $"head {head}";
            return $"The objective {name} compares one state of each text, which the {owner} does not have: use the head semantic or linear with a method such "
                + "as lora.";
        }
        if (objective.ReadsLabelTexts && !definition.Head.ReadsDescriptions)
            return $"The objective {name} needs a head that reads the texts of the labels: use the head semantic or label-texts, found {head}.";
        if (tuned.Head is LabelTextsHead)
        {
            return objective is LabelAnchorsObjectiveOptions ? objective.Weight is null ? null
                    : $"The objective {name} has a weight, but it is already the loss of the head {head}: omit the weight (Weight, --objective-weight)."
                : objective.Weight is null
                    ? $"The objective {name} does not read the labels' texts, which the head {head} answers with: give it a weight beside the cross-entropy "
                        + "(Weight, --objective-weight), or use the objective label-anchors."
                : null;
        }
        return objective.Weight is null && tuned.Head is not FittedHead
            ? $"The objective {name} does not train the head {head}: use the head semantic, which is fitted to the tuned states, or give the objective a "
                + "weight beside the cross-entropy (Weight, --objective-weight)."
            : null;
    }
}
