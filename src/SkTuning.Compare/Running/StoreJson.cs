using System.Text.Json.Serialization;

namespace SkTuning.Compare;

/// <summary>The JSON format of the files in a <see cref="TrialStore"/>. Losses may be NaN.</summary>
[JsonSourceGenerationOptions(WriteIndented = false, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(StoredTrial))]
[JsonSerializable(typeof(StoredTest))]
internal sealed partial class StoreJson : JsonSerializerContext;
