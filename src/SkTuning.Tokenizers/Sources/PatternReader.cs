using SkTuning.Tokenizers.PreTokenizers;
using SkTuning.Tokenizers.Regex;
using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.Sources;

/// <summary>Reads a pattern of a tokenizer.json: <c>{"String": "a"}</c> or <c>{"Regex": "a+"}</c>.</summary>
internal static class PatternReader
{
    private const int MaxExpressionLength = 6_000;

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
        if (expression.Length > MaxExpressionLength) throw pattern.Bad("Regex", $"{expression.Length} characters long", $"at most {MaxExpressionLength}");
        try
        {
            return Of(expression);
        }
        catch (NotSupportedException e)
        {
            var shown = expression.Length <= 100 ? expression : expression[..100] + "...";
            throw SkTuningException.BadFile(
                part.File, $"{pattern.Path}.Regex", $"'{shown}' with {e.Message}, which is not supported", "an expression as described in docs/tokenizers.md",
                null, e);
        }
    }

    /// <summary>Returns the scanner of a known expression, or the compiled expression.</summary>
    public static Pattern Of(string expression)
        => expression == Gpt2Scanner.Expression ? new Gpt2Pattern() : Gpt4Scanner.Of(expression) is { } scanner ? scanner : new RegexPattern(expression);
}
