using System.Text.Json.Serialization;

namespace SkTuning.Compare;

/// <summary>The JSON format of result.json. Losses may be NaN.</summary>
[JsonSourceGenerationOptions(WriteIndented = false, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ComparisonResult))]
internal sealed partial class ResultJson : JsonSerializerContext;
