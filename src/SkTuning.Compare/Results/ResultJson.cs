using System.Text.Json.Serialization;

namespace SkTuning.Compare;

/// <summary>result.json and the files of the trials. Losses may be NaN.</summary>
[JsonSourceGenerationOptions(WriteIndented = false, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ComparisonResult))]
[JsonSerializable(typeof(StoredTrial))]
[JsonSerializable(typeof(StoredTest))]
internal sealed partial class ResultJson : JsonSerializerContext;
