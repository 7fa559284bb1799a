using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using SkTuning.Compare;

namespace SkTuning.Tests.Compare;

/// <summary>Generates docs/plan.schema.json from the types of a plan and the documentation of their properties.</summary>
internal static partial class PlanSchema
{
    private static readonly Type[] Records = [typeof(ComparisonPlan), typeof(PlanDataSet), typeof(PlanMethod)];

    /// <summary>Returns the schema as the text of the file.</summary>
    public static string Text()
    {
        var texts = Records.ToDictionary(r => r, Descriptions);
        var schema = JsonSchemaExporter.GetJsonSchemaAsNode(PlanJson.Default.Options, typeof(ComparisonPlan), new()
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = (context, node) =>
            {
                var schema = context.PropertyInfo is { } property ? Of(property.PropertyType, node) : node;
                if (context.PropertyInfo is { } own && texts.TryGetValue(own.DeclaringType, out var known) && schema is JsonObject described)
                    described["description"] = known[own.Name];
                if (Records.Contains(context.TypeInfo.Type) && schema is JsonObject record) record["additionalProperties"] = false;
                return schema;
            },
        }).AsObject();
        // Editors look for the schema of a file here, and the name of a plan has a default that only its file knows.
        schema["properties"]!.AsObject().Insert(0, "$schema", new JsonObject { ["type"] = "string" });
        schema["required"] = new JsonArray([.. schema["required"]!.AsArray().Where(r => (string?)r != "name").Select(r => r!.DeepClone())]);
        var root = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "A plan of sktuning compare",
            ["description"] = "docs/comparing.md describes every key. Comments and trailing commas are allowed.",
        };
        foreach (var (key, value) in schema.ToList())
            if (key != "$schema") root[key] = value?.DeepClone();
        var readable = new JsonSerializerOptions
        {
            WriteIndented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        return root.ToJsonString(readable) + "\n";
    }

    /// <summary>Returns the keys of a record in a plan.</summary>
    public static IReadOnlyList<string> Keys(Type record)
        => [.. PlanReader.Properties(PlanJson.Default.GetTypeInfo(record)!).Select(p => p.Name)];

    /// <summary>Returns the schema of what the reader of plans accepts for a property.</summary>
    private static JsonNode Of(Type type, JsonNode generated)
    {
        if (type == typeof(HeadOptions)) return Kind("head", HeadOptions.Names);
        if (type == typeof(ObjectiveOptions)) return Kind("name", ObjectiveOptions.Names);
        if (type == typeof(IReadOnlyDictionary<string, IReadOnlyList<string>>)) return Parse(Texts);
        if (type == typeof(IReadOnlyDictionary<string, IReadOnlyDictionary<string, IReadOnlyList<string>>>))
            return Parse($$"""{ "type": "object", "additionalProperties": {{Texts}} }""");
        if (type == typeof(IReadOnlyDictionary<string, string>))
            return Parse("""{ "type": "object", "additionalProperties": { "type": ["string", "number", "boolean"] } }""");
        if ((Nullable.GetUnderlyingType(type) ?? type) is not { IsEnum: true } names) return generated;
        return new JsonObject { ["enum"] = new JsonArray([.. Enum.GetNames(names).Select(n => (JsonNode)JsonNamingPolicy.CamelCase.ConvertName(n))]) };

        static JsonNode Parse(string schema)
            => JsonNode.Parse(schema)!;

        static JsonNode Kind(string key, IReadOnlyList<string> names)
            => Parse($$"""
                { "anyOf": [ { "enum": [{{string.Join(", ", names.Select(n => $"\"{n}\""))}}] }, { "type": "object", "required": ["{{key}}"] } ] }
                """);
    }

    private const string Texts = """
        {
          "anyOf": [
            { "type": "string" },
            { "type": "object", "additionalProperties": { "anyOf": [ { "type": "string" }, { "type": "array", "items": { "type": "string" } } ] } }
          ]
        }
        """;

    /// <summary>Returns the summaries of the properties of a record, by key.</summary>
    private static Dictionary<string, string> Descriptions(Type record)
    {
        var file = Path.Combine(Fixtures.Repository, "src", "SkTuning.Compare", "Plans", record.Name + ".cs");
        return CSharpSyntaxTree.ParseText(File.ReadAllText(file)).GetRoot().DescendantNodes().OfType<PropertyDeclarationSyntax>().ToDictionary(
            p => JsonNamingPolicy.CamelCase.ConvertName(p.Identifier.Text), p => Plain(p.GetLeadingTrivia().ToFullString()));
    }

    private static string Plain(string comment)
    {
        var text = Slashes().Replace(comment, " ");
        text = Summary().Match(text).Groups[1].Value;
        text = See().Replace(text, m => m.Groups["type"].Value is "" or "ComparisonPlan" or "PlanDataSet" or "PlanMethod"
            ? JsonNamingPolicy.CamelCase.ConvertName(m.Groups["name"].Value)
            : m.Groups["type"].Value == "LabelTexts" ? JsonNamingPolicy.CamelCase.ConvertName(m.Groups["name"].Value) : m.Groups["all"].Value);
        return Spaces().Replace(Tag().Replace(text, ""), " ").Trim();
    }

    [GeneratedRegex(@"\s*///")]
    private static partial Regex Slashes();

    [GeneratedRegex("<summary>(.*?)</summary>", RegexOptions.Singleline)]
    private static partial Regex Summary();

    [GeneratedRegex("<see cref=\"(?<all>(?:(?<type>\\w+)\\.)?(?<name>\\w+))\"\\s*/>")]
    private static partial Regex See();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
