using System.Text.Json;
using SkTuning.Adapters;

namespace SkTuning.Peft;

/// <summary>PEFT's adapter_config.json. A missing key has PEFT's default, and a setting that is not implemented is refused by name.</summary>
internal sealed class PeftConfig
{
    public const string FileName = "adapter_config.json";

    private readonly string _file;
    private readonly JsonElement _root;

    private PeftConfig(string file, JsonElement root) => (_file, _root) = (file, root);

    public static PeftConfig Load(string folder)
    {
        var file = Path.Combine(folder, FileName);
        if (!Directory.Exists(folder))
            throw SkTuningException.BadFile(folder, null, File.Exists(folder) ? "a file" : SkTuningFileException.Nothing,
                $"the folder of a PEFT adapter, with {FileName}",
                "Check the path.");
        return new(file, JsonSerializer.SerializeToElement(JsonInput.ReadObject(file), AdapterJson.Default.JsonNode));
    }

    /// <summary>The type, such as PREFIX_TUNING or LORA.</summary>
    public string Type => Text("peft_type") ?? throw Bad("peft_type", "one of PREFIX_TUNING, PROMPT_TUNING, P_TUNING, LORA, IA3");

    /// <summary>The task, such as SEQ_CLS, TOKEN_CLS or CAUSAL_LM; null if there is none.</summary>
    public string? Task => Text("task_type");

    public string? Text(string key) => Find(key) switch
    {
        null => null,
        { } value when Models.ConfigJson.TextOf(value) is { } text => text,
        _ => throw Bad(key, "a string"),
    };

    public int Whole(string key, int? orElse = null) => Find(key) switch
    {
        null => orElse ?? throw Bad(key, "a whole number"),
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt32(out var number) => number,
        _ => throw Bad(key, "a whole number"),
    };

    public double Number(string key, double orElse) => Find(key) switch
    {
        null => orElse,
        { ValueKind: JsonValueKind.Number } value => value.GetDouble(),
        _ => throw Bad(key, "a number"),
    };

    public bool Is(string key) => Find(key) switch
    {
        null or { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.True } => true,
        _ => throw Bad(key, "true or false"),
    };

    /// <summary>Refuses settings that change the result and are not implemented: any value other than null, false, or an empty list or object.</summary>
    public void RefuseUnlessEmpty(params string[] keys)
    {
        foreach (var key in keys)
            if (Find(key) is { } value && value.ValueKind != JsonValueKind.False
                && !(value.ValueKind == JsonValueKind.Object && !value.EnumerateObject().Any())
                && !(value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0))
                throw Bad(key, "no value: this library does not implement the setting");
    }

    /// <summary>Refuses an initialization that changes the base's own weights: the adapter would fit only the changed ones.</summary>
    public void RefuseStart(string key, params string[] known)
    {
        if (Find(key) is { } value && !known.Contains(value.ToString().ToLowerInvariant()))
            throw Bad(key, $"one of {string.Join(", ", known)}: other initializations change the base's weights");
    }

    /// <summary>Returns the exception for settings that the method refuses.</summary>
    public SkTuningException Refused(SkTuningException cause)
        => SkTuningException.BadFile(_file, "peft_type", $"\"{Type}\" with a value that cannot be used", "values within their ranges", cause.Message, cause);

    public SkTuningException Bad(string key, string expected)
    {
        var found = Find(key)?.GetRawText() ?? "missing";
        return SkTuningException.BadFile(_file, key, found.Length > 80 ? found[..80] + "…" : found, expected);
    }

    private JsonElement? Find(string key) => _root.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
