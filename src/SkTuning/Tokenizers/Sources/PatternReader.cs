using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.Sources;

/// <summary>Reads a pattern of a tokenizer.json: <c>{"String": "a"}</c> or <c>{"Regex": "a+"}</c>.</summary>
internal static class PatternReader
{
    public static Pattern Read(JsonPart part, string key)
    {
        var pattern = part.Part(key);
        if (pattern.OptionalString("String") is { } literal)
        {
            pattern.Done();
            return new LiteralPattern(literal);
        }
        var expression = pattern.String("Regex");
        pattern.Done();
        throw pattern.NotImplemented("Regex", expression);
    }
}
