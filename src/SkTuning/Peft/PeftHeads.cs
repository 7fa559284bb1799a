using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Peft;

/// <summary>
/// Converts heads to and from the classifiers of transformers, which PEFT saves: a linear layer for each token, or the classifier for a sequence
/// (<see cref="HuggingFaceHeadOptions"/>).
/// </summary>
internal static class PeftHeads
{
    /// <summary>Returns the head that PEFT can store for a task.</summary>
    public static HeadOptions ForTask(TaskKind task) => HeadOptions.Names.Select(HeadOptions.Create).First(h => h.IsTransformersHead(task.AnswersPerWord));

    /// <summary>True if a classifier of transformers computes what the head does.</summary>
    public static bool IsExpressible(AdapterDefinition definition) => definition.Head.IsTransformersHead(definition.Task.Kind.AnswersPerWord);

    /// <summary>Returns the head of an adapter, with the adapter's own tensors.</summary>
    /// <exception cref="SkTuningException">PEFT cannot represent the head.</exception>
    public static PeftHead Of(AdapterModel adapter)
    {
        var definition = adapter.Definition;
        var task = definition.Task.Kind;
        if (!IsExpressible(definition))
            throw new SkTuningException($"PEFT cannot represent the head '{definition.Head.Name}': train with the head '{ForTask(task).Name}'.");
        var parameters = adapter.Tuned.Parameters;
        var names = adapter.Tuned.Head.Parameters.Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        var dense = Find(HuggingFaceHead.DenseWeight);
        return new(Name(adapter, task, dense is not null), parameters[LinearHead.Weight], Find(LinearHead.Bias), dense, Find(HuggingFaceHead.DenseBias));

        Tensor? Find(string name) => names.Contains(name) ? parameters[name] : null;
    }

    /// <summary>Sets the head of an adapter to the one that PEFT saved.</summary>
    public static void Set(AdapterModel adapter, PeftHead head, string folder)
    {
        var stored = new Dictionary<string, Tensor?>
        {
            [LinearHead.Weight] = head.Weight,
            [LinearHead.Bias] = head.Bias,
            [HuggingFaceHead.DenseWeight] = head.DenseWeight,
            [HuggingFaceHead.DenseBias] = head.DenseBias,
        };
        foreach (var spec in adapter.Tuned.Head.Parameters)
        {
            if (stored.GetValueOrDefault(spec.Name) is not { } value || !value.shape.AsSpan().SequenceEqual(spec.Shape))
                throw SkTuningException.BadFile(folder, head.Name,
                    $"a head of [{string.Join(", ", head.Weight.shape)}]"
                        + $"{(head.Bias is null ? " without a bias" : "")}{(head.DenseWeight is null ? "" : " after a dense layer")}",
                    $"{spec.Name} [{string.Join(", ", spec.Shape)}], as in the classifier of {adapter.Model.Config.Family} models",
                    "The adapter belongs to another model or another task.");
            Finite.Stored(value, spec.Name, Path.Combine(folder, PeftAdapter.TensorFile));
            adapter.Tuned.Parameters.Set(spec.Name, value);
            stored[spec.Name] = null;
        }
        if (stored.FirstOrDefault(s => s.Value is not null) is { Key: { } extra })
            throw SkTuningException.BadFile(folder, head.Name, $"a head with {extra}",
                $"a head without it, as in the classifier of {adapter.Model.Config.Family} models");
    }

    private static string Name(AdapterModel adapter, TaskKind task, bool dense)
    {
        if (dense) return PeftHead.OutProjection;
        var classifier = adapter.Model.Config.Classifier;
        var isClassifier = task.AnswersPerWord ? classifier.TokenLinearIsClassifier : classifier.Sequence != SequenceClassifier.LastToken;
        return isClassifier ? PeftHead.Classifier : PeftHead.Score;
    }
}
