using System.Text.Json;
using System.Text.Json.Nodes;

namespace SkTuning.Compare;

/// <summary>
/// Computes the key that identifies a trial: a hash of everything that affects its outcome, and of nothing else (no names, no metric, no test rows).
/// </summary>
internal static class TrialKey
{
    /// <summary>Incremented when a change to the library changes the outcome of training, which invalidates earlier results.</summary>
    public const int Version = 3;

    public static string Of(ComparisonPlan plan, BaseFingerprint? model, string device, Cell cell, double? rate)
    {
        var parts = new JsonObject
        {
            ["version"] = Version,
            ["train"] = cell.Train.Hash,
            ["dev"] = cell.Dev.Hash,
            ["method"] = cell.Method.Kind,
            ["seed"] = cell.Seed,
        };
        if (!MethodTraits.IsBaseline(cell.Method.Kind))
        {
            parts["base"] = new JsonArray(model!.Family, model.Traits, model.Weights, model.Tokenizer);
            parts["device"] = device;
            parts["precision"] = plan.Precision.ToString();
            parts["options"] = JsonSerializer.SerializeToNode(MethodTraits.Options(cell.Method), PlanJson.Default.TuningOptions);
            parts["prompt"] = cell.Prompt;
            parts["template"] = cell.Template;
            parts["pooling"] = plan.Pooling.ToString();
            parts["maxTokens"] = plan.MaxTokens;
            parts["epochs"] = cell.Method.Epochs ?? plan.Epochs;
            parts["batchSize"] = cell.Method.BatchSize ?? plan.BatchSize;
            parts["headFirst"] = plan.HeadFirst;
            parts["rate"] = rate;
            // These are part of a key only where they are given: keys of plans without them stay the same.
            if (cell.Method.MaxSteps is { } steps) parts["maxSteps"] = steps;
            if (cell.Method.Prune is { } keep) parts["prune"] = new JsonArray(keep, cell.Method.PruneBy.ToString());
            if (cell.Method.Head is { } head) parts["head"] = JsonSerializer.SerializeToNode(head, PlanJson.Default.HeadOptions);
            if (cell.Method.Preset is { } preset) parts["preset"] = preset;
            if (cell.Method.Objective is { } objective)
                parts["objective"] = JsonSerializer.SerializeToNode(objective, PlanJson.Default.ObjectiveOptions);
            if (cell.Levels is { } levels) parts["levels"] = new JsonArray([.. levels.Select(l => (JsonNode)l)]);
            if (cell.Descriptions is { } texts)
                parts["descriptions"] = new JsonArray([.. texts.OrderBy(t => t.Key, StringComparer.Ordinal)
                    .Select(t => new JsonArray([t.Key, .. t.Value.Select(v => (JsonNode)v)]))]);
        }
        return RowHash.Of(parts.ToJsonString());
    }
}
