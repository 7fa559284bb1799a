using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using SkTuning.Heads;
using SkTuning.Methods;
using SkTuning.Prompts;

namespace SkTuning.Adapters;

/// <summary>
/// adapter.json: an <see cref="AdapterDefinition"/> as flat keys, format version 1. The keys of the head and of the task are beside the others, and each kind
/// reads its own.
/// </summary>
internal sealed record AdapterFile
{
    public const string FormatName = "sktuning-adapter";
    public const int CurrentVersion = 1;

    public string Format { get; init; } = FormatName;
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The library and its version that wrote the file; null in files of versions before 0.2.</summary>
    public string? WrittenBy { get; init; }
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

    /// <summary>The task; the first version of the format does not name it.</summary>
    public string? Task { get; init; }
    public bool? Pairs { get; init; }
    public string? Truncation { get; init; }
    public int? MaxWindows { get; init; }
    public string[]? LabelWords { get; init; }
    [JsonConverter(typeof(LabelTextsConverter))]
    public string[][]? LabelDescriptions { get; init; }

    /// <summary>The units of a pruned base; null for the whole one.</summary>
    public PruningFile? Pruning { get; init; }
    public string? Metric { get; init; }
    public double? DevScore { get; init; }
    public string? BaseName { get; init; }

    /// <summary>Where the base was when the adapter was saved; null if unknown, and in files of versions before 0.2.</summary>
    public BaseSource? BaseSource { get; init; }

    /// <summary>The keys of the head and of the task.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Settings { get; set; }

    /// <summary>The name of the task.</summary>
    [JsonIgnore]
    public string TaskName => Task ?? TaskKind.First;

    public static AdapterFile Of(AdapterDefinition d)
    {
        var settings = new JsonObject();
        HeadJson.Write(d.Head, settings);
        settings.Remove(HeadJson.Discriminator);
        d.Task.Write(settings);
        return new()
        {
            WrittenBy = $"SkTuning {LibraryVersion.Text}",
            Tuning = d.Tuning,
            Prompt = d.Prompt,
            PromptIds = d.PromptIds,
            Template = d.Template.ToString(),
            MaxTokens = d.MaxTokens,
            Labels = d.Labels,
            Head = d.Head.Name,
            Pooling = d.Pooling.ToString(),
            Base = d.Base,
            Precision = d.Precision,
            Parameters = d.Parameters,
            Seed = d.Seed,
            Task = d.Task.Kind.Name,
            Pairs = d.Pairs ? true : null,
            Truncation = d.Truncation == SkTuning.Truncation.End ? null : d.Truncation.ToString(),
            MaxWindows = d.MaxWindows,
            LabelWords = d.LabelWords,
            LabelDescriptions = d.LabelDescriptions,
            Pruning = PruningFile.Of(d.Pruning),
            Metric = d.Metric,
            DevScore = d.DevScore,
            BaseName = d.BaseName,
            Settings = settings.Count == 0 ? null
                : settings.ToDictionary(s => s.Key, s => JsonSerializer.SerializeToElement(s.Value, AdapterJson.Default.JsonNode)),
        };
    }

    public string ToJson() => JsonSerializer.Serialize(this, AdapterJson.Readable.AdapterFile);

    /// <summary>Reads the JSON text of an adapter.</summary>
    /// <param name="json">The text.</param>
    /// <param name="file">Where it was read from, for messages.</param>
    public static AdapterFile Parse(string json, string file)
    {
        AdapterFile? read;
        try { read = JsonInput.Deserialize(Encoding.UTF8.GetBytes(json), file, AdapterJson.Default.AdapterFile); }
        catch (JsonException e)
        {
            throw SkTuningException.BadFile(file, e.Path, "not valid", "a value of an adapter's definition",
                "The file is damaged, or was written by a newer version.", e);
        }
        catch (SkTuningException e) when (e is not SkTuningFileException)
        {
            throw SkTuningException.BadFile(file, "tuning", "not valid", "a method with values within their ranges", e.Message, e);
        }
        if (read is not { Format: FormatName }) throw SkTuningException.BadFile(file, "format", $"\"{read?.Format}\"", $"\"{FormatName}\"");
        if (read.Version != CurrentVersion)
            throw SkTuningException.BadFile(file, "version", $"{read.Version}", $"{CurrentVersion}", "Use the SkTuning version that wrote it, or a newer one.");
        read.BaseSource?.Check(file);
        if (read.DevScore is { } score && !double.IsFinite(score)) throw SkTuningException.BadFile(file, "devScore", "not finite", "a finite number");
        foreach (var (key, texts) in ((string, string?[]?)[])[("labels", read.Labels), ("labelWords", read.LabelWords)])
            if (texts?.Contains(null) == true) throw SkTuningException.BadFile(file, key, "a list with null", "a list of texts");
        return read;
    }

    /// <summary>Returns the value of <c>format</c> in a JSON text; null if there is none, or the text is not a JSON object.</summary>
    public static string? FormatOf(string json)
    {
        try
        {
            using var parsed = JsonDocument.Parse(json);
            return parsed.RootElement.ValueKind == JsonValueKind.Object && parsed.RootElement.TryGetProperty("format", out var format)
                && format.ValueKind == JsonValueKind.String ? format.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) { return null; }
    }

    /// <summary>Returns the first key in which two files differ; null if they are equal.</summary>
    public string? DifferenceFrom(AdapterFile other)
    {
        using var mine = JsonDocument.Parse(ToJson());
        using var theirs = JsonDocument.Parse(other.ToJson());
        foreach (var item in mine.RootElement.EnumerateObject())
            if (!theirs.RootElement.TryGetProperty(item.Name, out var value) || !JsonElement.DeepEquals(item.Value, value))
                return item.Name;
        return theirs.RootElement.EnumerateObject().Select(i => i.Name).FirstOrDefault(n => !mine.RootElement.TryGetProperty(n, out _));
    }

    /// <summary>Converts the file to a definition. <see cref="AdapterCheck"/> compares the result with a model.</summary>
    /// <param name="kind">The task that the adapter must be for.</param>
    /// <param name="file">Where it was read from, for messages.</param>
    /// <exception cref="SkTuningFileException">The task is another one, or a value cannot be used.</exception>
    public AdapterDefinition ToDefinition(TaskKind kind, string file)
    {
        if (TaskName != kind.Name)
        {
            throw SkTuningException.BadFile(file, "task", $"\"{TaskName}\"", $"\"{kind.Name}\"",
                "Load the adapter with the class for its task, or with TunedAdapter.Load.");
        }
        var settings = (Settings ?? []).Select(s => KeyValuePair.Create(s.Key, JsonSerializer.SerializeToNode(s.Value, AdapterJson.Default.JsonElement)));
        var own = new JsonObject(settings);
        return new()
        {
            Tuning = Tuning,
            Head = HeadJson.Read(Head, own, file),
            Pooling = Named<Pooling>("pooling", Pooling, file),
            Task = kind.ReadSettings(own, Labels.Length, file),
            Prompt = Prompt,
            PromptIds = PromptIds,
            Template = ReadTemplate(Template, file),
            MaxTokens = MaxTokens,
            Truncation = Truncation is null ? SkTuning.Truncation.End : Named<Truncation>("truncation", Truncation, file),
            MaxWindows = MaxWindows,
            Pairs = Pairs == true,
            Labels = Labels,
            LabelWords = LabelWords,
            LabelDescriptions = LabelDescriptions,
            Base = Base,
            BaseName = BaseName,
            Precision = Precision,
            Parameters = Parameters,
            Seed = Seed,
            Pruning = Pruning?.Read(file),
            Metric = Metric,
            DevScore = DevScore,
        };
    }

    private static RowTemplate ReadTemplate(string template, string file)
    {
        try { return RowTemplate.Parse(template); }
        catch (SkTuningException e) { throw SkTuningException.BadFile(file, "template", $"\"{template}\"", "a row template", e.Message, e); }
    }

    private static T Named<T>(string key, string value, string file) where T : struct, Enum
        => Enum.GetNames<T>().Contains(value) ? Enum.Parse<T>(value)
            : throw SkTuningException.BadFile(file, key, $"\"{value}\"", string.Join(", ", Enum.GetNames<T>()));
}
