using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Training;

namespace SkTuning.Peft;

/// <summary>Reads a PEFT folder as an adapter.</summary>
internal static class PeftImport
{
    public static AdapterModel Read(string folder, FrozenModel model, TaskKind task, IReadOnlyList<string>? labels, PeftImportOptions options)
    {
        using var peft = PeftAdapter.Read(folder, model.Transformer);
        var wanted = PeftTaskTypes.Of(task);
        if (peft.Config.Task is { } found && found != wanted)
        {
            var isClassifier = found is PeftTaskTypes.Tokens or PeftTaskTypes.Sequence;
            var advice = isClassifier ? "import it with the class for its task" : "an adapter with a classification head";
            throw peft.Config.Bad("task_type", $"{wanted}: {advice}");
        }
        var head = peft.Head ?? throw SkTuningException.BadFile(folder, null, "no classification head",
            string.Join(" or ", PeftHead.Names) + $" among the tensors of {PeftAdapter.TensorFile}",
            "The adapter was not trained to classify, or PEFT did not save the head (modules_to_save).");
        var definition = peft.Own is { } own ? Stored(own, folder, model, task, labels) : New(peft, folder, model, task, labels, options, head);
        var adapter = peft.Own is null ? new AdapterModel(model, definition)
            : AdapterModel.Create(model, definition, Path.Combine(folder, PeftAdapter.TensorFile));
        try
        {
            foreach (var spec in adapter.Tuned.Method.Parameters)
            {
                var value = peft.Own?.Values.GetValueOrDefault(spec.Name) ?? peft.Values.GetValueOrDefault(spec.Name);
                if (value is null || !value.shape.AsSpan().SequenceEqual(spec.Shape))
                    throw SkTuningException.BadFile(folder, spec.Name, value is null ? "missing" : $"[{string.Join(", ", value.shape)}]",
                        $"[{string.Join(", ", spec.Shape)}], a tensor of the method {definition.Tuning.Name}", "The adapter belongs to another model.");
                Finite.Stored(value, spec.Name, Path.Combine(folder, PeftAdapter.TensorFile));
                adapter.Tuned.Parameters.Set(ParameterSet.AdapterPrefix + spec.Name, value);
            }
            PeftHeads.Set(adapter, head, folder);
            return adapter;
        }
        catch
        {
            adapter.Dispose();
            throw;
        }
    }

    /// <summary>Returns the definition of an adapter that was exported, on the base that it was trained on.</summary>
    private static AdapterDefinition Stored(PeftAdapter.OwnPart own, string folder, FrozenModel model, TaskKind task, IReadOnlyList<string>? labels)
    {
        var file = Path.Combine(folder, PeftAdapter.TensorFile);
        var read = AdapterFile.Parse(own.Definition, file);
        if (read.Base.DifferenceFrom(model.Fingerprint) is { } difference)
            throw new SkTuningException($"{folder}: the adapter was trained on a different base. The given model is {difference}. Import it with the "
                + "model that it was trained on.");
        var definition = read.ToDefinition(task, file);
        AdapterCheck.Check(definition, file, model);
        if (labels is not null && !labels.SequenceEqual(definition.Labels))
            throw SkTuningException.BadFile(file, "labels", $"[{string.Join(", ", definition.Labels)}]", $"the labels given, [{string.Join(", ", labels)}]",
                "The folder contains the labels: leave them out.");
        return definition;
    }

    private static AdapterDefinition New(PeftAdapter peft, string folder, FrozenModel model, TaskKind task, IReadOnlyList<string>? labels,
        PeftImportOptions options, PeftHead head)
    {
        if (task.FixedLabels is not null) labels = task.FixedLabels;
        if (labels is null)
            throw new SkTuningException($"{folder}: PEFT does not store the labels, expected the {head.Outputs} labels of the head in the order of its rows.");
        if (labels.Count != head.Outputs)
            throw SkTuningException.BadFile(folder, head.Name + ".weight", $"a head of {head.Outputs} labels", $"{labels.Count}: [{string.Join(", ", labels)}]",
                "Give one name for each row of the head, in the order of the rows.");
        if (labels.Distinct(StringComparer.Ordinal).Count() != labels.Count)
            throw new SkTuningException($"The labels [{string.Join(", ", labels)}] are not all different.");
        var chosen = new TextClassifierOptions
        {
            Head = PeftHeads.ForTask(task),
            Method = peft.Options,
            Template = options.Template,
            MaxTokens = options.MaxTokens,
            Pooling = model.Config.Causal ? Pooling.Last : Pooling.First,
        };
        var definition = AdapterPlan.Create(model, chosen, task.DefaultSettings, LabelSet.InOrder(labels), options.Pairs);
        return definition with { BaseName = peft.Config.Text("base_model_name_or_path") };
    }
}
