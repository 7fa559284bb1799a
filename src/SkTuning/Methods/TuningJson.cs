using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Joined = SkTuning.CompositeOptions;

namespace SkTuning.Methods;

/// <summary>A method's options as JSON: <c>{ "method": "sk-prefix", "bottleneck": 16 }</c>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, UseStringEnumConverter = true)]
[JsonSerializable(typeof(TuningOptions))]
internal sealed partial class TuningJson : JsonSerializerContext
{
    public const string Method = "method";

    /// <summary>Returns the same options with one value changed.</summary>
    public static TuningOptions With(TuningOptions options, string key, string value)
    {
        if (options is Joined joined) return joined.With(key, value);
        var json = JsonSerializer.SerializeToNode(options, Default.TuningOptions)!.AsObject();
        JsonNode? parsed;
        try
        {
            JsonInput.Check(Encoding.UTF8.GetBytes(value), key);
            parsed = JsonNode.Parse(value);
        }
        catch (Exception e) when (e is JsonException or SkTuningFileException) { parsed = JsonValue.Create(value); }
        var settings = Default.GetTypeInfo(options.GetType())!.Properties.Where(p => p is { Get: not null, Set: not null }).ToDictionary(p => p.Name);
        if (!settings.TryGetValue(key, out var setting))
        {
            var expected = settings.Count == 0 ? "which has none" : $"expected {string.Join(", ", settings.Keys)}";
            throw new SkTuningException($"The method {options.Name} has no setting '{SkTuningFileException.OneLine(key)}', {expected}."
                + NameSuggestion.For(key, settings.Keys));
        }
        json[key] = parsed;
        try { return json.Deserialize(Default.TuningOptions)!; }
        catch (JsonException e)
        {
            throw new SkTuningException(
                $"The setting {key} of the method {options.Name} is '{SkTuningFileException.OneLine(value)}', expected {Expected(setting.PropertyType)}.", e);
        }
    }

    /// <summary>Returns the values that a property of a type can have, in words.</summary>
    private static string Expected(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        { IsEnum: true } names => string.Join(", ", Enum.GetNames(names)),
        var plain when plain == typeof(bool) => "true or false",
        var plain when plain == typeof(int) || plain == typeof(long) => "a whole number",
        var plain when plain == typeof(double) || plain == typeof(float) => "a number",
        var plain when plain == typeof(string) => "a text",
        _ => "a list or an object in JSON, like the default in adapter.json",
    };

    /// <summary>Reads options. A missing key has its default (with the generated reader alone, it would be zero).</summary>
    public static TuningOptions Read(JsonObject written)
    {
        var name = written[Method]?.ToString();
        if (name == Joined.Kind) return Parts(written);
        var defaults = RegisteredKinds<SkTuning.TuningOptions>.Create(name) ?? throw new SkTuningException(
            $"There is no tuning method '{SkTuningFileException.OneLine(name ?? "")}', expected {string.Join(", ", SkTuning.TuningOptions.Names)}."
            + NameSuggestion.For(name, SkTuning.TuningOptions.Names));
        var json = JsonSerializer.SerializeToNode(defaults, Default.TuningOptions)!.AsObject();
        foreach (var (key, value) in written)
            if (key != Method) json[key] = value?.DeepClone();
        var options = json.Deserialize(Default.TuningOptions)!;
        options.Validate();
        return options;
    }

    private static Joined Parts(JsonObject written)
    {
        const string Key = "parts";
        if (written.Select(p => p.Key).FirstOrDefault(k => k is not (Method or Key)) is { } unknown)
            throw new SkTuningException($"Joined methods have no setting {SkTuningFileException.OneLine(unknown)}, expected {Key}.");
        var parts = written[Key] as JsonArray ?? throw new SkTuningException($"Joined methods have no {Key}, expected a list of methods.");
        var options = new Joined { Parts = [.. parts.Select(Part)] };
        options.Validate();
        return options;

        static TuningOptions Part(JsonNode? part)
            => Read(part as JsonObject ?? throw new SkTuningException($"One of the {Key} of joined methods is not an object, expected a method."));
    }
}

/// <summary>Reads and writes options inside another JSON document.</summary>
internal sealed class TuningConverter : JsonConverter<TuningOptions>
{
    public override TuningOptions Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
        => JsonNode.Parse(ref reader) is JsonObject written ? TuningJson.Read(written) : throw new JsonException("expected an object");

    public override void Write(Utf8JsonWriter writer, TuningOptions value, JsonSerializerOptions options)
        => JsonSerializer.Serialize(writer, value, TuningJson.Default.TuningOptions);
}
