using System.Text.Json.Serialization;

namespace SkTuning.Compare;

/// <summary>The JSON format of plan.json and of the options of methods and heads that are part of a trial key.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true, NewLine = "\n", AllowTrailingCommas = true,
        ReadCommentHandling = System.Text.Json.JsonCommentHandling.Skip)]
[JsonSerializable(typeof(ComparisonPlan))]
[JsonSerializable(typeof(SkTuning.TuningOptions))]
[JsonSerializable(typeof(SkTuning.HeadOptions))]
[JsonSerializable(typeof(SkTuning.ObjectiveOptions))]
internal sealed partial class PlanJson : JsonSerializerContext;
