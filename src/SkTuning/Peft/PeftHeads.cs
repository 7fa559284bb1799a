using SkTuning.Adapters;
using SkTuning.Heads;
using SkTuning.Models;
using SkTuning.Tokenizers.Processors;
using static TorchSharp.torch;

namespace SkTuning.Peft;

/// <summary>Our heads as those of transformers' classifiers, which PEFT saves: every token through a linear, or a sequence as <see cref="HuggingFaceHeadOptions"/> does.</summary>
internal static class PeftHeads
{
    /// <summary>Returns the head that PEFT can store for a task.</summary>
    public static HeadOptions ForTask(TaskKind task) => HeadOptions.Names.Select(HeadOptions.Create).First(h => h.IsTransformersHead(task.AnswersPerWord));

    /// <summary>True if a classifier of transformers computes what the head does.</summary>
    public static bool IsExpressible(AdapterDefinition definition) => definition.Head.IsTransformersHead(definition.Task.Kind.AnswersPerWord);

    /// <summary>The head of an adapter; its tensors are the adapter's own.</summary>
    /// <exception cref="SkTuningException">PEFT cannot represent it.</exception>
    public static PeftHead Of(AdapterModel runtime)
    {
        var definition = runtime.Definition;
        var task = definition.Task.Kind;
        if (!IsExpressible(definition)) throw new SkTuningException($"PEFT cannot represent the head '{definition.Head.Name}': train with the head '{ForTask(task).Name}'.");
        var parameters = runtime.Tuned.Parameters;
        var names = runtime.Tuned.Head.Parameters.Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        var dense = Find(HuggingFaceHead.DenseWeight);
        return new(Name(runtime, task, dense is not null), parameters[LinearHead.Weight], Find(LinearHead.Bias), dense, Find(HuggingFaceHead.DenseBias));

        Tensor? Find(string name) => names.Contains(name) ? parameters[name] : null;
    }

    /// <summary>Gives an adapter the head that PEFT saved.</summary>
    public static void Set(AdapterModel runtime, PeftHead head, string folder)
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

    private static string Name(AdapterModel runtime, TaskKind task, bool dense)
    {
        if (dense) return PeftHead.OutProjection;
        var classifier = runtime.Model.Config.Classifier;
        var isClassifier = task.AnswersPerWord ? classifier.TokenLinearIsClassifier : classifier.Sequence != SequenceClassifier.LastToken;
        return isClassifier ? PeftHead.Classifier : PeftHead.Score;
    }
}
