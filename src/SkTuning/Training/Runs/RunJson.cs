using System.Text.Json;
using System.Text.Json.Nodes;
using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Methods;
using SkTuning.Metrics;
using SkTuning.Objectives;
using SkTuning.Tasks;

namespace SkTuning.Training.Runs;

/// <summary>Creates the JSON documents of a run folder: the settings of a run, and its report.</summary>
internal static class RunJson
{
    /// <summary>Returns the content of config.json: everything that determines the result of the run.</summary>
    public static JsonObject Config(AdapterDefinition definition, FrozenModel model, TrainingRows rows, string metric, TrainingOptions options,
        string? startHash = null, ObjectiveOptions? objective = null)
    {
        // The flat form of the definition, so that a run folder of an earlier version can be resumed.
        var flat = AdapterFile.Of(definition);
        var described = model.Describe();
        var tuning = JsonSerializer.SerializeToNode(definition.Tuning, TuningJson.Default.TuningOptions)!.AsObject();
        tuning.Remove(TuningJson.Method);
        // Where and how often a run is recorded does not change its result.
        var recorded = options with { RunFolder = null, Resume = false, CheckpointSteps = null, CheckpointMinutes = 1, AvailableMemory = null };
        var training = JsonSerializer.SerializeToNode(recorded, TrainingJson.Default.TrainingOptions)!.AsObject();
        foreach (var key in (string[])["resume", "checkpointMinutes", "seed"]) training.Remove(key);
        var config = new JsonObject
        {
            ["format"] = RunFiles.Format,
            ["version"] = 1,
            ["method"] = definition.Tuning.Name,
            ["options"] = tuning,
            ["task"] = flat.Task,
            ["prompt"] = definition.Prompt,
            ["template"] = flat.Template,
            ["maxTokens"] = definition.MaxTokens,
            ["truncation"] = flat.Truncation,
            ["maxWindows"] = definition.MaxWindows,
            ["labels"] = Texts(definition.Labels),
            ["labelWords"] = definition.LabelWords is { } words ? Texts(words) : null,
            ["labelDescriptions"] = JsonNode.Parse(flat.ToJson())!["labelDescriptions"]?.DeepClone(),
            ["unlikelihood"] = Setting("unlikelihood"),
            ["languageModel"] = Setting("languageModel"),
            ["pairs"] = definition.Pairs,
            ["head"] = flat.Head,
            ["pooling"] = flat.Pooling,
            ["parameters"] = definition.Parameters,
            ["seed"] = definition.Seed,
            ["metric"] = metric,
            ["precision"] = definition.Precision,
            ["device"] = described.Device,
            ["model"] = new JsonObject
            {
                ["path"] = described.Source,
                ["family"] = described.Family,
                ["layers"] = described.Layers,
                ["hidden"] = described.Hidden,
                ["parameters"] = described.Parameters,
                ["fingerprint"] = JsonSerializer.SerializeToNode(definition.Base, AdapterJson.Default.BaseFingerprint),
            },
            ["rows"] = new JsonObject
            {
                ["train"] = rows.Train.Count,
                ["dev"] = rows.Dev.Count,
                ["heldOut"] = rows.HeldOut.Count,
                ["hash"] = RowHash.Of(rows.Train.Concat(rows.Dev), withAnswers: true),
            },
            ["training"] = training,
            ["start"] = startHash is null ? null : new JsonObject { ["hash"] = startHash, ["seed"] = options.Seed },
        };
        // Settings that earlier versions did not have are written only if they differ from the default.
        foreach (var key in (string[])["priorWeight", "featureScale"])
            if (Setting(key) is { } value) config[key] = value;
        if (flat.Pruning is { } pruning) config["pruning"] = JsonSerializer.SerializeToNode(pruning, AdapterJson.Default.PruningFile);
        if (objective is not (null or CrossEntropyObjectiveOptions))
            config["objective"] = JsonSerializer.SerializeToNode(objective, ObjectiveJson.Default.ObjectiveOptions);
        return config;

        JsonNode? Setting(string key)
            => flat.Settings?.TryGetValue(key, out var value) == true ? JsonSerializer.SerializeToNode(value, AdapterJson.Default.JsonElement) : null;
    }

    /// <summary>Returns the content of report.json.</summary>
    /// <param name="report">The report.</param>
    /// <param name="task">What was decided after training; null if nothing was.</param>
    public static JsonObject Report(TrainingReport report, TaskSettings? task)
    {
        var (json, decision) = (Plain(report), new JsonObject());
        if (report.Rejection is { } rejection) json["rejection"] = rejection.ToJson();
        task?.Write(decision);
        if (decision.Count > 0) json["decision"] = decision;
        return json;
    }

    private static JsonObject Plain(TrainingReport report) => new()
    {
        ["metric"] = report.Metric,
        ["devScore"] = Number(report.DevScore),
        ["bestEpoch"] = report.Best?.Epoch,
        ["steps"] = report.Steps,
        ["seconds"] = report.Seconds,
        ["trainRows"] = report.TrainRows,
        ["devRows"] = report.DevRows,
        ["cutRows"] = report.TruncatedRows,
        ["rowsAtOnce"] = report.RowsAtOnce,
        ["recomputesActivations"] = report.RecomputesActivations,
        ["activationMemory"] = report.ActivationMemory,
        ["interrupted"] = report.WasCanceled,
        ["diverged"] = report.Divergence?.ToString(),
        ["warnings"] = Texts(report.Warnings),
        ["methodReason"] = report.MethodReason,
        ["verdict"] = Verdict(report.Verdict),
        ["descriptions"] = Descriptions(report.Descriptions),
        ["distillation"] = Distillation(report.Distillation),
        ["epochs"] = new JsonArray([.. report.Epochs.Select(e => new JsonObject
        {
            ["epoch"] = e.Epoch, ["trainLoss"] = Number(e.TrainLoss), ["devLoss"] = Number(e.DevLoss), ["devScore"] = Number(e.DevScore), ["best"] = e.IsBest,
        })]),
        ["learningCurve"] = report.LearningCurve,
    };

    /// <summary>Returns the comparison with the head alone; null if there was none.</summary>
    public static JsonObject? Verdict(TrainingVerdict? verdict) => verdict is null ? null : new()
    {
        ["summary"] = verdict.Summary,
        ["advice"] = verdict.Advice,
        ["keepsAdapter"] = verdict.KeepsAdapter,
        ["metric"] = verdict.Metric,
        ["headScore"] = Number(verdict.HeadScore),
        ["adapterScore"] = verdict.AdapterScore is { } score ? Number(score) : null,
        ["difference"] = verdict.Difference is { } difference ? Interval(difference) : null,
        ["pValue"] = verdict.PValue is { } p ? Number(p) : null,
        ["rows"] = verdict.Rows,
        ["folds"] = verdict.Folds,
    };

    /// <summary>Returns what is known about the texts of the labels; null if nothing is.</summary>
    public static JsonObject? Descriptions(DescriptionCheck? check) => check is null ? null : new()
    {
        ["summary"] = check.Summary,
        ["metric"] = check.Metric,
        ["score"] = Number(check.Score),
        ["scoreWithout"] = Number(check.ScoreWithout),
        ["difference"] = Interval(check.Difference),
        ["areTextsChecked"] = check.AreTextsChecked,
        ["misleading"] = new JsonArray([.. check.Misleading.Select(t => new JsonObject { ["label"] = t.Label, ["text"] = t.Text, ["gain"] = Number(t.Gain) })]),
    };

    /// <summary>Returns what the distillation of the prompt achieved; null if there was none.</summary>
    public static JsonObject? Distillation(DistillationReport? report) => report is null ? null : new()
    {
        ["steps"] = report.Steps,
        ["texts"] = report.Texts,
        ["promptTokens"] = report.PromptTokens,
        ["prefixTokens"] = report.PrefixTokens,
        ["before"] = Number(report.Before),
        ["after"] = Number(report.After),
    };

    private static JsonObject Interval(ConfidenceInterval interval)
        => new() { ["value"] = Number(interval.Value), ["low"] = Number(interval.Low), ["high"] = Number(interval.High) };

    private static JsonNode? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(t => (JsonNode)t)]);
}
