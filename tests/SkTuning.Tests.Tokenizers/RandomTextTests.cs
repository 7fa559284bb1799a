using System.Globalization;
using System.Text;
using SkTuning.Tokenizers;
using SkTuning.Tokenizers.PreTokenizers;
using SkTuning.Tokenizers.Regex;
using SkTuning.Tokenizers.Sources;
using SkTuning.Tokenizers.Text;

namespace SkTuning.Tests.Tokenizers;

/// <summary>Properties that hold for any text: round trips, offsets in range, the same ids from EncodeIds and Encode, no hang.</summary>
public sealed class RandomTextTests
{
    /// <summary>There are more than a dozen styles, so each test runs on over 10,000 texts.</summary>
    private const int PerStyle = 1_000;

    public static TheoryData<string> Styles() => new(TokenizerFixture.Styles());

    /// <summary>Byte-level and byte-fallback models, which preserve everything except what their normalizer changes.</summary>
    public static TheoryData<string> Lossless()
        => new(TokenizerFixture.Styles().Where(s => !s.Contains("bert-", StringComparison.Ordinal) && !s.Contains("xlm", StringComparison.Ordinal)));

    [Theory]
    [MemberData(nameof(Lossless))]
    public void Decoding_ids_restores_the_text(string style)
    {
        var tokenizer = TextTokenizer.LoadJson(TokenizerFixture.Style(style));
        foreach (var text in RandomTexts.Make(seed: 1, count: PerStyle))
        {
            // Llama's pipeline reads the word sign as a space, and the decoded text is the normalized text.
            var plain = style == "style-llama2" ? text.Replace('\u2581', '_') : text.Normalize(NormalizationForm.FormC);
            if (plain.Length == 0 || (style != "style-llama2" && Changes(plain))) continue;
            Assert.Equal(plain, tokenizer.Decode(tokenizer.EncodeIds(plain, addSpecialTokens: false), skipSpecialTokens: false));
        }

        // The normalizer does not change characters that are newer than its tables, so their order may differ from ICU's.
        static bool Changes(string text)
            => text.EnumerateRunes().Any(r => Rune.GetUnicodeCategory(r) is UnicodeCategory.NonSpacingMark && r.Value is < 0x300 or > 0x36F);
    }

    [Theory]
    [MemberData(nameof(Styles))]
    public void Offsets_are_in_range_and_never_inside_a_surrogate_pair(string style)
    {
        var tokenizer = TextTokenizer.LoadJson(TokenizerFixture.Style(style));
        foreach (var text in RandomTexts.Make(seed: 2, count: PerStyle))
        {
            var encoding = tokenizer.Encode(text, options: new() { AddSpecialTokens = false });
            Assert.Equal(tokenizer.EncodeIds(text, addSpecialTokens: false), encoding.Ids);
            var last = 0;
            foreach (var (start, end) in encoding.Offsets)
            {
                Assert.True(start >= 0 && start <= end && end <= text.Length, $"{start} to {end} in {text.Length}");
                Assert.False(start > 0 && start < text.Length && char.IsSurrogatePair(text[start - 1], text[start]), $"{start} is inside a pair");
                Assert.False(end > 0 && end < text.Length && char.IsSurrogatePair(text[end - 1], text[end]), $"{end} is inside a pair");
                // Normalization may reorder the marks of a letter; across letters, offsets never decrease.
                Assert.True(start >= last || !LetterBetween(text, start, last), $"{start} after {last}");
                last = Math.Max(last, start);
            }
            Assert.All(encoding.Ids, id => Assert.True(tokenizer.TokenOf(id) is not null && id < tokenizer.VocabularySize));
        }

        static bool LetterBetween(string text, int start, int end) => text.AsSpan(start, end - start).ToString().EnumerateRunes().Any(r => !IsMark(r));
        static bool IsMark(Rune r)
            => Rune.GetUnicodeCategory(r) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;
    }

    [Theory]
    [MemberData(nameof(Styles))]
    public void A_lone_surrogate_counts_as_the_replacement_character(string style)
    {
        var tokenizer = TextTokenizer.LoadJson(TokenizerFixture.Style(style));
        foreach (var text in RandomTexts.Make(seed: 3, count: 1_000, loneSurrogates: true))
        {
            var mended = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
            var (expected, actual) = (tokenizer.Encode(mended), tokenizer.Encode(text));
            Assert.Equal(expected.Ids, actual.Ids);
            Assert.Equal(expected.Offsets, actual.Offsets);
            Assert.Equal(expected.Ids, tokenizer.EncodeIds(text));
        }
    }

    [Theory]
    [MemberData(nameof(Styles))]
    public void A_long_run_of_one_unit_does_not_hang(string style)
    {
        var tokenizer = TextTokenizer.LoadJson(TokenizerFixture.Style(style));
        string[] units =
            ["a", " ", "\n", "ab", "!", "\u4E00", "e\u0301", "\u0301", "\uD83D\uDE00", "1", "a ", " \n", "\0", "\u2581", ".a", "\u1100\u1161", "'s"];
        tokenizer.EncodeIds("warm");
        foreach (var unit in units)
        {
            var text = string.Concat(Enumerable.Repeat(unit, 100_000 / unit.Length));
            var guard = new HangGuard();
            var ids = tokenizer.EncodeIds(text);
            Assert.Equal(ids, tokenizer.Encode(text).Ids);
            guard.Check($"{style}, units of {unit.Length}");
        }
    }

    [Fact]
    public void Ten_million_characters_in_one_line_are_encoded()
    {
        var text = string.Concat(Enumerable.Repeat("the quick brown fox, ", 10_000_000 / 21));
        foreach (var style in new[] { "style-gpt2", "style-llama2", "style-bert-uncased", "style-xlm-roberta" })
        {
            var tokenizer = TextTokenizer.LoadJson(TokenizerFixture.Style(style));
            var guard = new HangGuard();
            Assert.NotEmpty(tokenizer.EncodeIds(text));
            guard.Check(style);
        }
    }

    [Theory]
    [InlineData(Gpt2Scanner.Expression)]
    [InlineData(ByteLevelBuilder.Llama3)]
    [InlineData(ByteLevelBuilder.Qwen2)]
    public void A_scanner_splits_like_its_expression(string expression)
    {
        var (scanner, compiled) = (PatternReader.Of(expression), new RegexPattern(expression));
        Assert.IsNotType<RegexPattern>(scanner);
        foreach (var text in RandomTexts.Make(seed: 4, count: 10_000)) Assert.Equal(Matches(compiled, text), Matches(scanner, text));
    }

    [Fact]
    public void Threads_share_a_tokenizer()
    {
        var tokenizer = TextTokenizer.LoadJson(TokenizerFixture.Style("style-gptneox"));
        var texts = RandomTexts.Make(seed: 5, count: 2_000).ToArray();
        var expected = texts.Select(t => tokenizer.EncodeIds(t)).ToArray();
        for (var round = 0; round < 5; round++) Assert.Equal(expected, tokenizer.EncodeBatch(texts));
    }

    private static List<(int, int)> Matches(Pattern pattern, string text)
    {
        var matches = new List<(int, int)>();
        var budget = new WorkBudget("tokenizer.json");
        budget.Start(text.Length);
        if (!pattern.Find(text, 0, budget, out var start, out var end)) return matches;
        do matches.Add((start, end));
        while (pattern.FindNext(text, budget, ref start, ref end));
        return matches;
    }
}
