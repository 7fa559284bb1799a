using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SkTuning.Diagnostics;

namespace SkTuning.Tool.Output;

/// <summary>The result of info as JSON for scripts: keys in camel case, and numbers and switches as such.</summary>
internal static partial class InfoJson
{
    public static JsonObject Of(IEnumerable<KeyValuePair<string, string>> lines, ModelDescription? model, IReadOnlyList<SelfCheckResult> checks)
    {
        var json = new JsonObject();
        foreach (var (name, value) in lines) json[Key(name)] = Value(value);
        if (model is not null) json["model"] = Of(model);
        if (checks.Count > 0)
        {
            json["checks"] = new JsonArray([.. checks.Select(c => (JsonNode)new JsonObject
            {
                ["name"] = c.Name,
                ["passed"] = c.Holds,
                ["difference"] = double.IsFinite(c.Difference) ? c.Difference : null,
            })]);
        }
        return json;
    }

    private static JsonObject Of(ModelDescription model) => new()
    {
        ["source"] = model.Source,
        ["family"] = model.Family,
        ["causal"] = model.Causal,
        ["layers"] = model.Layers,
        ["hidden"] = model.Hidden,
        ["heads"] = model.Heads,
        ["keyValueHeads"] = model.KeyValueHeads,
        ["headSize"] = model.HeadSize,
        ["vocabulary"] = model.Vocabulary,
        ["context"] = model.Context,
        ["parameters"] = model.Parameters,
        ["storedAs"] = model.StoredAs,
        ["randomWeights"] = model.RandomWeights,
        ["precision"] = model.Precision.ToString(),
        ["device"] = model.Device,
        ["memoryBytes"] = model.Memory,
        ["mappedBytes"] = model.MappedMemory,
        ["quantizedBytes"] = model.QuantizedMemory,
        ["takesPrefix"] = model.TakesPrefix,
        ["hasLanguageModelHead"] = model.HasLanguageModelHead,
        ["hasMaskedLanguageModelHead"] = model.HasMaskedLanguageModelHead,
    };

    /// <summary>Returns a name in camel case, without what is in parentheses: <c>Keep freed memory (SK_MALLOC)</c> is <c>keepFreedMemory</c>.</summary>
    internal static string Key(string name)
    {
        if (name == ".NET") return "dotnet";
        var words = Word().Matches(Parenthesis().Replace(name, "")).Select(m => m.Value).ToList();
        return string.Concat(words.Select((word, i) =>
        {
            // Abbreviations are words, too; SkTuning and TorchSharp keep their inner capitals.
            var plain = word.All(c => !char.IsLower(c)) ? word.ToLowerInvariant() : word;
            return (i == 0 ? char.ToLowerInvariant(plain[0]) : char.ToUpperInvariant(plain[0])) + plain[1..];
        }));
    }

    private static JsonNode Value(string text) => text switch
    {
        "on" or "yes" => true,
        "off" or "no" => false,
        _ when Number().IsMatch(text) && long.TryParse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var number) => number,
        _ => text,
    };

    [GeneratedRegex("[A-Za-z0-9]+")]
    private static partial Regex Word();

    [GeneratedRegex(@"\([^)]*\)")]
    private static partial Regex Parenthesis();

    [GeneratedRegex(@"^\d{1,3}(,\d{3})+$|^\d+$")]
    private static partial Regex Number();
}
