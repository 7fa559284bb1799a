using SkTuning.Tokenizers.PreTokenizers;
using SkTuning.Tokenizers.Regex;
using SkTuning.Tokenizers.Text;

namespace SkTuning.Tests.Tokenizers;

/// <summary>Expressions in Oniguruma's syntax. The expected pieces are the reference library's.</summary>
public sealed class RegexTests
{
    /// <summary>After an empty match, the search goes on one character later; an empty match directly after another one does not count.</summary>
    [Theory]
    [InlineData("x*", "abc", "0-0 1-1 2-2 3-3")]
    [InlineData("x*", "a😀b", "0-0 1-1 3-3 4-4")]
    [InlineData("x*", "xaxx", "0-1 2-4")]
    [InlineData("(?=b)", "abb", "1-1 2-2")]
    public void Empty_matches_are_those_of_the_reference(string expression, string text, string matches)
    {
        var (pattern, budget, found) = (new RegexPattern(expression), new WorkBudget("tokenizer.json"), new List<string>());
        budget.Start(text.Length);
        for (var more = pattern.Find(text, 0, budget, out var start, out var end); more; more = pattern.FindNext(text, budget, ref start, ref end))
            found.Add($"{start}-{end}");
        Assert.Equal(matches, string.Join(' ', found));
    }

    [Theory]
    [InlineData("a+?b|x{2,3}", "aabxxxxa", "aab¦xxx¦xa")]
    [InlineData("(?i:'s|'ll)", "It'S we'lL 'ſ", "It¦'S¦ we¦'lL¦ ¦'ſ")]
    [InlineData("[a-c&&[^b]]+", "abcab", "a¦b¦ca¦b")]
    [InlineData("[^\\W\\d_]+", "añ_1²x", "añ¦_1²¦x")]
    [InlineData("(?<=[a-z])(?=[A-Z])", "camelCaseWords", "camel¦Case¦Words")]
    [InlineData("(?<!a)b", "abbb", "ab¦b¦b")]
    [InlineData("^a|c$", "aac\nac", "a¦a¦c¦\n¦a¦c")]
    [InlineData("\\p{Han}+|\\p{Hiragana}", "日本語のテスト", "日本語¦の¦テスト")]
    [InlineData("^ab|ab$", "ababab\nabab", "ab¦ab¦ab¦\n¦ab¦ab")]
    [InlineData("^ab", "abab\nab", "ab¦ab\n¦ab")]
    [InlineData("[[:space:]&&[^\\n]]+", "a \t\nb", "a¦ \t¦\nb")]
    [InlineData("(?>a+)b|a", "aaab", "aaab")]
    [InlineData("\\p{^L}+", "ab12cd", "ab¦12¦cd")]
    [InlineData("\\x{1F600}|\\u00e9", "é😀", "é¦😀")]
    [InlineData("[^(\\s|[.,])]+", "a(b|c.d e", "a¦(¦b¦|¦c¦.¦d¦ ¦e")]
    [InlineData("(?x) a b # c\n | d", "abd", "ab¦d")]
    [InlineData("(?i)ab(?-i:c)|d", "ABc abC D", "ABc¦ abC ¦D")]
    [InlineData("\\bfo{1,2}\\b", "fo foo fooo", "fo¦ ¦foo¦ fooo")]
    [InlineData("[]a]+", "a]b", "a]¦b")]
    [InlineData("a{,2}b", "aaab", "a¦aab")]
    [InlineData("\\p{Lu}\\p{Ll}*+", "HelloWORLD", "Hello¦W¦O¦R¦L¦D")]
    [InlineData("\\A\\s+|\\s+\\z", " a  ", " ¦a¦  ")]
    [InlineData("[\\x{FFFE}-\\x{10000}]", "a\uFFFF\U00010000\U00010001", "a¦\uFFFF¦\U00010000¦\U00010001")]
    [InlineData("[^\\x{0}-\\x{10000}]", "a\U00010000\U00010001", "a\U00010000¦\U00010001")]
    public void An_expression_splits_as_in_Oniguruma(string expression, string text, string pieces)
    {
        var state = new TextState("tokenizer.json");
        state.Budget.Start(text.Length);
        state.Load(text, 0, offsets: false);
        state.Pieces.Add(0, text.Length);
        new SplitPreTokenizer(new RegexPattern(expression), SplitBehavior.Isolated, invert: false).Apply(state);
        Assert.Equal(pieces, string.Join('\u00A6', state.Pieces.Span.ToArray().Select(p => text[p.Start..p.End])));
    }

    [Theory]
    [InlineData("(a)\\1", "'\\1' at position 3")]
    [InlineData("(?<name>a)", "'(?<' at position 2")]
    [InlineData("(?:a*)*", "a repeated group that can be empty at position 7")]
    [InlineData("(?i)stra\u00DFe", "U+00DF with case ignored at position 9")]
    [InlineData("\\p{Klingon}", "the property 'Klingon' at position 11")]
    [InlineData("(?<=ab)c", "a lookbehind for more than one character at position 7")]
    [InlineData("a)", "a ')' without its '(' at position 1")]
    [InlineData("[a", "a '[' without its ']' at position 2")]
    [InlineData("a{2000}", "a repetition of more than 1000 at position 7")]
    public void Unsupported_syntax_is_named(string expression, string what)
        => Assert.Equal(what, Assert.Throws<NotSupportedException>(() => new RegexPattern(expression)).Message);
}
