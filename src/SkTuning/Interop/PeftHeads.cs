using SkTuning.Heads;
using SkTuning.Inference;
using SkTuning.Models;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Interop;

/// <summary>Our heads as those of transformers' classifiers, which PEFT saves: every token through a linear, or a sequence as <see cref="HeadKind.HuggingFace"/> has it.</summary>
internal static class PeftHeads
{
    /// <summary>The head that PEFT can express for a task.</summary>
    public static HeadKind KindOf(string task) => task == TokenObjective.Name ? HeadKind.Linear : HeadKind.HuggingFace;

    /// <summary>True when a classifier of transformers computes what the head does.</summary>
    public static bool IsExpressible(AdapterDefinition definition) => HeadKinds.Find(definition.Head) == KindOf(definition.Task ?? SingleLabelObjective.Name);

    /// <summary>The head of an adapter; its tensors are the adapter's own.</summary>
    /// <exception cref="SkTuningException">PEFT cannot express it.</exception>
    public static PeftHead Of(AdapterRuntime runtime)
    {
        var definition = runtime.Definition;
        var task = definition.Task ?? SingleLabelObjective.Name;
        if (!IsExpressible(definition))
            throw new SkTuningException($"The head '{definition.Head}' is none that PEFT can express: train with the head '{KindOf(task).Name()}'.");
        var parameters = runtime.Tuned.Parameters;
        var names = runtime.Tuned.Head.Parameters.Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        var dense = Find(HuggingFaceHead.DenseWeight);
        return new(Name(runtime, task, dense is not null), parameters[LinearHead.Weight], Find(LinearHead.Bias), dense, Find(HuggingFaceHead.DenseBias));

        Tensor? Find(string name) => names.Contains(name) ? parameters[name] : null;
    }

    /// <summary>Gives an adapter the head that PEFT saved.</summary>
    public static void Set(AdapterRuntime runtime, PeftHead head, string folder)
    {
        var stored = new Dictionary<string, Tensor?> { [LinearHead.Weight] = head.Weight, [LinearHead.Bias] = head.Bias, [HuggingFaceHead.DenseWeight] = head.DenseWeight, [HuggingFaceHead.DenseBias] = head.DenseBias };
        foreach (var spec in runtime.Tuned.Head.Parameters)
        {
            if (stored.GetValueOrDefault(spec.Name) is not { } value || !value.shape.AsSpan().SequenceEqual(spec.Shape))
                throw SkTuningException.BadFile(folder, head.Name, $"a head of [{string.Join(", ", head.Weight.shape)}]{(head.Bias is null ? " without a bias" : "")}{(head.DenseWeight is null ? "" : " behind a dense layer")}",
                    $"{spec.Name} [{string.Join(", ", spec.Shape)}], as the classifier of {runtime.Model.Config.Family} models has it", "The adapter belongs to another model or another task.");
            runtime.Tuned.Parameters.Set(spec.Name, value);
            stored[spec.Name] = null;
        }
        if (stored.FirstOrDefault(s => s.Value is not null) is { Key: { } extra }) throw SkTuningException.BadFile(folder, head.Name, $"a head with {extra}", $"one without, as the classifier of {runtime.Model.Config.Family} models has it");
    }

    private static string Name(AdapterRuntime runtime, string task, bool dense)
    {
        if (dense) return PeftHead.OutProjection;
        var classifier = runtime.Model.Config.Classifier;
        return (task == TokenObjective.Name ? classifier.TokenLinearIsClassifier : classifier.Sequence != SequenceClassifier.LastToken) ? PeftHead.Classifier : PeftHead.Score;
    }
}
