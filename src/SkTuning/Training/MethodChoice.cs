using System.Text.Json;
using System.Text.Json.Nodes;
using SkTuning.Methods;
using SkTuning.Methods.Auto;
using SkTuning.Prompts;
using SkTuning.Training.Runs;

namespace SkTuning.Training;

/// <summary>Chooses the method of a training whose options leave it open.</summary>
internal static class MethodChoice
{
    /// <summary>Returns the method of the run that is resumed, or the best one that the base can take.</summary>
    /// <param name="model">The base.</param>
    /// <param name="options">The options.</param>
    /// <param name="task">The task.</param>
    /// <param name="rows">The number of training rows.</param>
    /// <param name="labels">The number of labels.</param>
    public static AutoChoice Of(FrozenModel model, AdapterOptions options, TaskKind task, int rows, int labels)
    {
        var facts = new AutoFacts(rows, labels, task, model.Config, options.Prompt.Length > 0);
        var choice = OfRun(options.Training) ?? AutoRule.Of(facts).First(c => Takes(model, c.Method));
        return options.Prompt.Length == 0 || choice.Method.ReadsPrompt ? choice : choice with { Reason = choice.Reason + "; it does not read the prompt" };
    }

    /// <summary>The rule may differ from that of the version that began the run.</summary>
    private static AutoChoice? OfRun(TrainingOptions options)
    {
        if (options is not { Resume: true, RunFolder: { } folder } || Path.Combine(folder, RunFiles.Config) is var file && !File.Exists(file)) return null;
        var config = JsonInput.ReadObject(file);
        if (config["method"] is not JsonValue value || !value.TryGetValue<string>(out var name) || config["options"] is not JsonObject written) return null;
        var method = (JsonObject)written.DeepClone();
        method[TuningJson.Method] = name.Contains(CompositeOptions.Join) ? CompositeOptions.Kind : name;
        // What cannot be read differs from this run's settings, and is refused as such when the folder is opened.
        try { return new(TuningJson.Read(method), $"{name}: the method of the run in {folder}"); }
        catch (Exception e) when (e is JsonException or SkTuningException) { return null; }
    }

    /// <summary>Whether the base can take a method, which otherwise refuses it.</summary>
    private static bool Takes(FrozenModel model, TuningOptions method)
    {
        using var filler = PromptEncoding.Read(model.Transformer, [TextEncoder.Filler(model.Tokenizer)], model.Device, method.PromptLayers);
        try
        {
            method.CreateWithoutPrompt(model.Config, filler);
            return true;
        }
        catch (SkTuningException) { return false; }
    }
}
