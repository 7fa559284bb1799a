using System.Text.Json;
using System.Text.Json.Serialization;
using SkTuning.Heads;
using SkTuning.Methods;
using SkTuning.Tokenizers.Chat;
using SkTuning.Training;

namespace SkTuning.Adapters;

/// <summary>Everything of an adapter but its numbers: adapter.json. The same text stands in the tensor file, so that an edit of either is seen.</summary>
internal sealed record AdapterDefinition
{
    public const string FormatName = "sktuning-adapter";
    public const int CurrentVersion = 1;

    public string Format { get; init; } = FormatName;
    public int Version { get; init; } = CurrentVersion;
    [JsonConverter(typeof(TuningConverter))]
    public required TuningOptions Tuning { get; init; }
    public required string Prompt { get; init; }
    public required int[] PromptIds { get; init; }
    public required string Template { get; init; }
    public required int MaxTokens { get; init; }
    public required string[] Labels { get; init; }
    public required string Head { get; init; }
    public required string Pooling { get; init; }
    public required BaseFingerprint Base { get; init; }
    public required string Precision { get; init; }
    public required long Parameters { get; init; }
    public required ulong Seed { get; init; }

    /// <summary>What is answered; not written by version 1's first files, which are for one label a row.</summary>
    public string? Task { get; init; }

    /// <summary>Rows are pairs.</summary>
    public bool? Pairs { get; init; }

    /// <summary>What becomes of texts that are too long, where they do not lose their end.</summary>
    public string? Truncation { get; init; }

    /// <summary>The most windows of a text, where it is read in several.</summary>
    public int? MaxWindows { get; init; }

    /// <summary>A word for each label, in the labels' order, where the head wants them.</summary>
    public string[]? LabelWords { get; init; }

    /// <summary>What each label means, in the labels' order; it stands behind the prompt.</summary>
    public string[]? LabelDescriptions { get; init; }

    /// <summary>What the two other terms count in the loss of the head likelihood; none: 1 and 0.</summary>
    public double? Unlikelihood { get; init; }
    public double? LanguageModel { get; init; }

    /// <summary>From which probability on a label is told, in the labels' order, where a row may have several.</summary>
    public double[]? Thresholds { get; init; }

    /// <summary>What scores are divided by before they become probabilities; none: 1.</summary>
    public double? Temperature { get; init; }

    /// <summary>The probability from which on a label is told; none: always.</summary>
    public double? SureFrom { get; init; }

    /// <summary>Mean and standard deviation of the numbers trained on.</summary>
    public double? Mean { get; init; }
    public double? Deviation { get; init; }

    /// <summary>The metric that chose the epoch kept, and its value on dev.</summary>
    public string? Metric { get; init; }
    public double? DevScore { get; init; }

    /// <summary>The same in the first files.</summary>
    public double? DevAccuracy { get; init; }

    /// <summary>What the base is called where the adapter came from (PEFT's base_model_name_or_path).</summary>
    public string? BaseName { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, AdapterJson.Default.AdapterDefinition);

    public static AdapterDefinition Parse(string json, string file)
    {
        AdapterDefinition? definition;
        try { definition = JsonSerializer.Deserialize(json, AdapterJson.Default.AdapterDefinition); }
        catch (JsonException e) { throw SkTuningException.BadFile(file, e.Path, "not what an adapter holds there", "an adapter's definition", "The file is damaged, or was written by a newer version.", e); }
        catch (SkTuningException e) { throw SkTuningException.BadFile(file, "tuning", "not to be used", "a method with values in their ranges", e.Message, e); }
        if (definition is not { Format: FormatName }) throw SkTuningException.BadFile(file, "format", $"\"{definition?.Format}\"", $"\"{FormatName}\"");
        if (definition.Version != CurrentVersion) throw SkTuningException.BadFile(file, "version", $"{definition.Version}", $"{CurrentVersion}", "Use the version of SkTuning that wrote it, or a newer one.");
        return definition;
    }

    /// <summary>The first key in which two definitions differ; null when they are the same.</summary>
    public string? DifferenceFrom(AdapterDefinition other)
    {
        using var mine = JsonDocument.Parse(ToJson());
        using var theirs = JsonDocument.Parse(other.ToJson());
        foreach (var item in mine.RootElement.EnumerateObject())
            if (!theirs.RootElement.TryGetProperty(item.Name, out var value) || !JsonElement.DeepEquals(item.Value, value))
                return item.Name;
        return null;
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true, NewLine = "\n")]
[JsonSerializable(typeof(AdapterDefinition))]
[JsonSerializable(typeof(BaseFingerprint))]
internal sealed partial class AdapterJson : JsonSerializerContext;
