using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace SkTuning.Compare;

/// <summary>
/// Reads plan.json. Before deserialization, the file is checked against the metadata of the records, for three things that the serializer does not do:
/// unknown and missing keys are reported with their path, omitted keys get their default (a source-generated reader sets them to zero), and settings may
/// be numbers.
/// </summary>
internal static class PlanReader
{
    /// <summary>The default values of each record.</summary>
    private static readonly Dictionary<Type, JsonObject> Defaults = new()
    {
        [typeof(ComparisonPlan)] = Node(new ComparisonPlan { Name = "", Model = "", Seeds = [], DataSets = [], Methods = [] }, PlanJson.Default.ComparisonPlan),
        [typeof(PlanDataSet)] = Node(new PlanDataSet { Name = "", Prompt = "" }, PlanJson.Default.PlanDataSet),
        [typeof(PlanMethod)] = Node(new PlanMethod { Method = "" }, PlanJson.Default.PlanMethod),
    };

    public static ComparisonPlan Read(string path)
    {
        string text;
        try { text = File.ReadAllText(path); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new SkTuningException($"{path}: cannot be read: {e.Message.ReplaceLineEndings(" ")} Check the path.", e);
        }
        try
        {
            var options = new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, AllowDuplicateProperties = false };
            var root = JsonNode.Parse(text, null, options) as JsonObject
                ?? throw new SkTuningException($"{path}: is not a JSON object, expected a plan with the keys {Keys(PlanJson.Default.ComparisonPlan)}.");
            if (!root.ContainsKey("name")) root["name"] = Path.GetFileNameWithoutExtension(path);
            Walk(path, "", root, PlanJson.Default.ComparisonPlan);
            var plan = root.Deserialize(PlanJson.Default.ComparisonPlan)! with { Folder = Path.GetDirectoryName(Path.GetFullPath(path))! };
            plan.Validate();
            return plan;
        }
        catch (JsonException e)
        {
            var place = e.Path is { Length: > 2 } at ? $"'{at[2..]}'" : $"line {e.LineNumber + 1}";
            throw new SkTuningException($"{path}: {place} cannot be read: {e.Message.Split(" Path:")[0].Split(" LineNumber:")[0]}", e);
        }
        catch (SkTuningException e) when (!e.Message.StartsWith(path, StringComparison.Ordinal)) { throw new SkTuningException($"{path}: {e.Message}", e); }
    }

    private static void Walk(string file, string at, JsonObject written, JsonTypeInfo type)
    {
        foreach (var key in written.Select(p => p.Key).ToList())
        {
            var property = type.Properties.FirstOrDefault(p => p.Name == key)
                ?? throw new SkTuningException($"{file}: '{at}{key}' is not a known key, expected one of {Keys(type)}.");
            var (place, value) = (at + key, written[key]);
            if (value is null) written.Remove(key);
            else if (property.PropertyType == typeof(IReadOnlyDictionary<string, string>)) Texts(file, place, value);
            else if ((Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) is { IsEnum: true } names)
                written[key] = Name(file, place, value, names);
            else if (Element(property.PropertyType) is { } element) Items(file, place, value, element);
        }
        if (type.Properties.FirstOrDefault(p => p.IsRequired && !written.ContainsKey(p.Name)) is { } missing)
            throw new SkTuningException($"{file}: '{at}{missing.Name}' is missing, expected {Kind(missing.PropertyType)}.");
        foreach (var (key, value) in Defaults[type.Type])
            if (!written.ContainsKey(key)) written[key] = value?.DeepClone();
    }

    private static void Items(string file, string at, JsonNode value, JsonTypeInfo element)
    {
        if (value is not JsonArray items)
            throw new SkTuningException($"{file}: '{at}' is {Shown(value)}, expected a list of objects with the keys {Keys(element)}.");
        foreach (var (i, item) in items.Index())
        {
            var written = item as JsonObject
                ?? throw new SkTuningException($"{file}: '{at}[{i}]' is {Shown(item)}, expected an object with the keys {Keys(element)}.");
            Walk(file, $"{at}[{i}].", written, element);
        }
    }

    /// <summary>Converts numbers and booleans to the strings that <see cref="TuningOptions.Create"/> accepts.</summary>
    private static void Texts(string file, string at, JsonNode value)
    {
        if (value is not JsonObject texts) throw new SkTuningException($"{file}: '{at}' is {Shown(value)}, expected an object.");
        foreach (var key in texts.Select(p => p.Key).ToList())
            if (texts[key] is not JsonValue v) throw new SkTuningException($"{file}: '{at}.{key}' is {Shown(texts[key])}, expected a single value.");
            else if (v.GetValueKind() != JsonValueKind.String) texts[key] = v.ToJsonString();
    }

    private static string Name(string file, string at, JsonNode value, Type names)
        => value.GetValueKind() == JsonValueKind.String
            && Enum.GetNames(names).FirstOrDefault(n => n.Equals((string)value!, StringComparison.OrdinalIgnoreCase)) is { } name
            ? name
            : throw new SkTuningException($"{file}: '{at}' is {Shown(value)}, expected one of " +
                $"{string.Join(", ", Enum.GetNames(names).Select(n => JsonNamingPolicy.CamelCase.ConvertName(n)))}.");

    private static JsonTypeInfo? Element(Type type)
        => type == typeof(IReadOnlyList<PlanDataSet>) ? PlanJson.Default.PlanDataSet
            : type == typeof(IReadOnlyList<PlanMethod>) ? PlanJson.Default.PlanMethod
            : null;

    private static JsonObject Node<T>(T value, JsonTypeInfo<T> type)
    {
        var node = JsonSerializer.SerializeToNode(value, type)!.AsObject();
        foreach (var required in type.Properties.Where(p => p.IsRequired)) node.Remove(required.Name);
        return node;
    }

    private static string Keys(JsonTypeInfo type) => string.Join(", ", type.Properties.Select(p => p.Name));

    private static string Kind(Type type) => type == typeof(string) ? "a string" : "a list";

    private static string Shown(JsonNode? node)
    {
        var text = node?.ToJsonString() ?? "null";
        return text.Length > 80 ? text[..80] + "…" : text;
    }
}
