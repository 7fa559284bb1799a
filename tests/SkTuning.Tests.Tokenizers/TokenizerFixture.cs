using System.Text.Json;
using SkTuning.Tokenizers;

namespace SkTuning.Tests.Tokenizers;

/// <summary>A line of a tokenizer's fixture: a text or a pair, and the reference library's result. Offsets count code points.</summary>
internal sealed record TokenizerLine(string Text, string? Pair, int[] Ids, int[]? Plain, (int Start, int End)[]? Offsets, int[]? TypeIds)
{
    /// <summary>The index of the piece of each plain token; only in some fixtures.</summary>
    public int?[]? Words { get; init; }

    /// <summary>The text that the plain ids decode to; only in some fixtures.</summary>
    public string? Decoded { get; init; }

    /// <summary>The text that the ids decode to without special tokens; only in some fixtures.</summary>
    public string? Skipped { get; init; }
}

/// <summary>The fixture folders of tokenizers, and their tokenizers.</summary>
internal static class TokenizerFixture
{
    /// <summary>Every folder with expected results, in the repository and in the shared folder next to it.</summary>
    public static TheoryData<string, string> All()
    {
        var data = new TheoryData<string, string>();
        foreach (var folder in Fixtures.Folders("tokenizers", "expected.jsonl")) data.Add(folder, "expected.jsonl");
        foreach (var folder in Fixtures.Folders("tokenizers", "expected-real.jsonl")) data.Add(folder, "expected-real.jsonl");
        var beside = Path.Combine(Fixtures.Shared, "fixtures", "tokenizers");
        if (!Directory.Exists(beside) || Path.GetFullPath(Path.Combine(Fixtures.Root, "tokenizers")) == beside) return data;
        foreach (var folder in Directory.GetDirectories(beside).Order(StringComparer.Ordinal))
            if (File.Exists(Path.Combine(folder, "expected-real.jsonl"))) data.Add(Path.GetFileName(folder), "expected-real.jsonl");
        return data;
    }

    public static string Folder(string name, string file)
    {
        var own = Path.Combine(Fixtures.Root, "tokenizers", name);
        return File.Exists(Path.Combine(own, file)) ? own : Path.Combine(Fixtures.Shared, "fixtures", "tokenizers", name);
    }

    /// <summary>The tokenizer.json of a style in the repository.</summary>
    public static string Style(string name) => Path.Combine(Fixtures.Repository, "tests", "fixtures", "tokenizers", name, "tokenizer.json");

    /// <summary>All styles in the repository.</summary>
    public static IEnumerable<string> Styles()
        => Directory.GetDirectories(Path.Combine(Fixtures.Repository, "tests", "fixtures", "tokenizers"))
            .Select(f => Path.GetFileName(f)!)
            .Where(n => File.Exists(Style(n)))
            .Order(StringComparer.Ordinal);

    /// <summary>Reads the tokenizer of a fixture folder. The test is skipped if its vocabulary is not available.</summary>
    public static TextTokenizer Load(string folder)
    {
        var own = Path.Combine(folder, "tokenizer.json");
        if (File.Exists(own)) return TextTokenizer.LoadJson(own);
        var source = File.ReadAllText(Path.Combine(folder, "source.txt")).Trim();
        if (source == "models/tiny/tokenizer.json") return TextTokenizer.Load(Fixtures.Tiny);
        var path = Path.Combine(Fixtures.Shared, source.Split(',')[0].Split(' ')[0]);
        Fixtures.SkipWithout(path);
        return path.EndsWith("tokenizer.json", StringComparison.Ordinal) ? TextTokenizer.LoadJson(path) : TextTokenizer.Load(path);
    }

    public static IEnumerable<TokenizerLine> Lines(string path)
    {
        foreach (var line in File.ReadLines(path))
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            yield return new(
                root.GetProperty("text").GetString()!,
                root.TryGetProperty("pair", out var pair) ? pair.GetString() : null,
                Numbers(root.GetProperty("ids")),
                root.TryGetProperty("plain", out var plain) ? Numbers(plain) : null,
                root.TryGetProperty("offsets", out var offsets) ? [.. offsets.EnumerateArray().Select(o => (o[0].GetInt32(), o[1].GetInt32()))] : null,
                root.TryGetProperty("type_ids", out var types) ? Numbers(types) : null)
            {
                Words = root.TryGetProperty("words", out var words)
                    ? [.. words.EnumerateArray().Select(w => w.ValueKind == JsonValueKind.Null ? (int?)null : w.GetInt32())]
                    : null,
                Decoded = root.TryGetProperty("decoded", out var decoded) ? decoded.GetString() : null,
                Skipped = root.TryGetProperty("skipped", out var skipped) ? skipped.GetString() : null,
            };
        }
    }

    /// <summary>Returns the code unit at which every code point starts, and the length at the end.</summary>
    public static int[] UnitsOf(string text)
    {
        var units = new List<int>();
        for (var i = 0; i < text.Length; i += char.IsSurrogatePair(text, i) ? 2 : 1)
        {
            units.Add(i);
            if (i + 1 >= text.Length) break;
        }
        return [.. units, text.Length];
    }

    private static int[] Numbers(JsonElement list) => [.. list.EnumerateArray().Select(n => n.GetInt32())];
}
