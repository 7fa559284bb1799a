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
        [typeof(PlanMethod)] = Node(new PlanMethod(), PlanJson.Default.PlanMethod),
    };

    public static ComparisonPlan Read(string path)
    {
        var root = JsonInput.ParseObject(InputFile.ReadAllText(path), path, asWritten: true);
        try
        {
            // Editors look for the schema of a file here.
            root.Remove("$schema");
            if (!root.ContainsKey("name")) root["name"] = Path.GetFileNameWithoutExtension(path);
            Walk(path, "", root, PlanJson.Default.ComparisonPlan);
            var plan = root.Deserialize(PlanJson.Default.ComparisonPlan)! with { Folder = Folder(path) };
            plan.Validate();
            return plan;
        }
        catch (JsonException e)
        {
            var key = e.Path is { Length: > 2 } at ? at[2..] : null;
            throw SkTuningException.BadFile(path, key, "not valid", "a value of a plan", e.Message.Split(" Path:")[0], e);
        }
        catch (SkTuningException e) when (e is not SkTuningFileException) { throw new SkTuningFileException($"{path}: {e.Message}", path, e); }
    }

    private static void Walk(string file, string at, JsonObject written, JsonTypeInfo type)
    {
        foreach (var key in written.Select(p => p.Key).ToList())
        {
            var property = Properties(type).FirstOrDefault(p => p.Name == key)
                ?? throw SkTuningException.BadFile(file, at + key, "not a known key", $"one of {Keys(type)}");
            var (place, value) = (at + key, written[key]);
            if (value is null) written.Remove(key);
            else if (property.PropertyType == typeof(IReadOnlyDictionary<string, string>)) Texts(file, place, value);
            else if (property.PropertyType == typeof(HeadOptions)) written[key] = PlanHead.Read(file, place, value);
            else if (property.PropertyType == typeof(ObjectiveOptions)) written[key] = PlanObjective.Read(file, place, value);
            else if (property.PropertyType == typeof(IReadOnlyDictionary<string, IReadOnlyList<string>>))
                written[key] = PlanDescriptions.Read(file, place, value, Folder(file));
            else if (property.PropertyType == typeof(IReadOnlyDictionary<string, IReadOnlyDictionary<string, IReadOnlyList<string>>>))
                written[key] = PlanDescriptions.ReadEach(file, place, value, Folder(file));
            else if ((Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) is { IsEnum: true } names)
                written[key] = Name(file, place, value, names);
            else if (Element(property.PropertyType) is { } element) Items(file, place, value, element);
        }
        if (type.Properties.FirstOrDefault(p => p.IsRequired && !written.ContainsKey(p.Name)) is { } missing)
            throw SkTuningException.BadFile(file, at + missing.Name, "missing", Kind(missing.PropertyType));
        foreach (var (key, value) in Defaults[type.Type])
            if (!written.ContainsKey(key)) written[key] = value?.DeepClone();
    }

    private static void Items(string file, string at, JsonNode value, JsonTypeInfo element)
    {
        if (value is not JsonArray items)
            throw SkTuningException.BadFile(file, at, Shown(value), $"a list of objects with the keys {Keys(element)}");
        foreach (var (i, item) in items.Index())
        {
            var written = item as JsonObject
                ?? throw SkTuningException.BadFile(file, $"{at}[{i}]", Shown(item), $"an object with the keys {Keys(element)}");
            Walk(file, $"{at}[{i}].", written, element);
        }
    }

    /// <summary>Converts numbers and booleans to the strings that <see cref="TuningOptions.Create"/> accepts.</summary>
    private static void Texts(string file, string at, JsonNode value)
    {
        if (value is not JsonObject texts) throw SkTuningException.BadFile(file, at, Shown(value), "an object");
        foreach (var key in texts.Select(p => p.Key).ToList())
            if (texts[key] is not JsonValue v) throw SkTuningException.BadFile(file, $"{at}.{key}", Shown(texts[key]), "a single value");
            else if (v.GetValueKind() != JsonValueKind.String) texts[key] = v.ToJsonString();
    }

    private static string Name(string file, string at, JsonNode value, Type names)
        => value.GetValueKind() == JsonValueKind.String
            && Enum.GetNames(names).FirstOrDefault(n => n.Equals((string)value!, StringComparison.OrdinalIgnoreCase)) is { } name
            ? name
            : throw SkTuningException.BadFile(file, at, Shown(value),
                $"one of {string.Join(", ", Enum.GetNames(names).Select(JsonNamingPolicy.CamelCase.ConvertName))}");

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

    /// <summary>Returns the properties that are keys: ignored ones have no getter.</summary>
    public static IEnumerable<JsonPropertyInfo> Properties(JsonTypeInfo type) => type.Properties.Where(p => p.Get is not null);

    private static string Keys(JsonTypeInfo type) => string.Join(", ", Properties(type).Select(p => p.Name));

    private static string Kind(Type type) => type == typeof(string) ? "a string" : "a list";

    private static string Folder(string file) => Path.GetDirectoryName(Path.GetFullPath(file))!;

    public static string Shown(JsonNode? node)
    {
        var text = node?.ToJsonString() ?? "null";
        return text.Length > 80 ? text[..80] + "…" : text;
    }
}
