using System.Text.Json.Nodes;

namespace SkTuning.Tests.Peft;

/// <summary>A fixture's model with a tokenizer whose words are the ids themselves: "w5 w17".</summary>
internal static class PeftBase
{
    public static void Write(string family, string folder)
    {
        Directory.CreateDirectory(folder);
        var source = Path.Combine(Fixtures.Root, "models", family);
        foreach (var file in (string[])["config.json", "model.safetensors"]) File.Copy(Path.Combine(source, file), Path.Combine(folder, file));
        var size = (int)JsonNode.Parse(File.ReadAllText(Path.Combine(source, "config.json")))!["vocab_size"]!;
        var vocabulary = new JsonObject(Enumerable.Range(0, size).Select(i => KeyValuePair.Create($"w{i}", (JsonNode?)i)));
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), new JsonObject
        {
            ["version"] = "1.0",
            ["pre_tokenizer"] = new JsonObject { ["type"] = "WhitespaceSplit" },
            ["model"] = new JsonObject { ["type"] = "WordLevel", ["unk_token"] = "w0", ["vocab"] = vocabulary },
        }.ToJsonString());
    }

    public static FrozenModel Load(string folder) => FrozenModel.Load(folder, new() { Device = "cpu", CopyWeights = true });

    public static string[] Words(IEnumerable<long> ids) => [.. ids.Select(i => $"w{i}")];
}
