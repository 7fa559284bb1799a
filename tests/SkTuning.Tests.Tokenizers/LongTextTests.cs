using SkTuning.Tokenizers;

namespace SkTuning.Tests.Tokenizers;

/// <summary>Of a text that is too long, only the tokens that count are made: the first tokens of the whole text. Its memory is released.</summary>
public sealed class LongTextTests
{
    public static TheoryData<string> Styles() => [.. TokenizerFixture.Styles()];

    [Theory]
    [MemberData(nameof(Styles))]
    public void The_first_tokens_are_those_of_the_whole_text(string style)
    {
        var tokenizer = TextTokenizer.LoadJson(TokenizerFixture.Style(style));
        var texts = RandomTexts.Make(seed: 21, count: 400).ToList();
        texts.Add(string.Concat(texts));
        texts.Add(string.Join(' ', texts.Take(50)) + tokenizer.TokenOf(tokenizer.EosId ?? tokenizer.SepId ?? 0) + texts[3]);
        foreach (var text in texts)
        {
            var whole = tokenizer.Encode(text, options: new() { AddSpecialTokens = false });
            Assert.False(whole.WasTruncated);
            Assert.Equal(whole.Ids.Count, tokenizer.CountIds(text));
            foreach (var most in (ReadOnlySpan<int>)[0, 1, 2, 3, 7, 40, whole.Ids.Count - 1, whole.Ids.Count, whole.Ids.Count + 1])
            {
                if (most < 0) continue;
                Assert.Equal(whole.Ids.Take(most), tokenizer.FirstIds(text, most));
                var first = tokenizer.Encode(text, options: new() { AddSpecialTokens = false, MaxLength = most });
                Assert.Equal(whole.Ids.Take(most), first.Ids);
                Assert.Equal(whole.Offsets.Take(most), first.Offsets);
                Assert.Equal(whole.WordIds.Take(most), first.WordIds);
                Assert.Equal(whole.Ids.Count > most, first.WasTruncated);
            }
        }
    }

    [Fact]
    public void A_pair_is_truncated_as_if_both_texts_were_read_to_the_end()
    {
        var tokenizer = TextTokenizer.LoadJson(TokenizerFixture.Style("style-bert-uncased"));
        string[] texts = ["", "a", "a b c d", new('.', 12), new('.', 13), new('.', 30), new('.', 31)];
        foreach (var one in texts)
            foreach (var two in texts)
                for (var max = 3; max < 40; max++)
                {
                    var (a, b) = (tokenizer.CountIds(one), tokenizer.CountIds(two));
                    var (keepA, keepB) = (a, b);
                    var room = max - 3;
                    // Of both texts the longer one is shortened first, then both alike; of two equal texts, the second keeps the odd token.
                    if (a + b > room)
                    {
                        var low = Math.Min(a, b);
                        (low, var high) = low * 2 <= room ? (low, room - low) : (room / 2, room - room / 2);
                        (keepA, keepB) = a > b ? (high, low) : (low, high);
                    }
                    var encoding = tokenizer.Encode(one, two, new() { MaxLength = max });
                    Assert.Equal(keepA, encoding.SequenceIds.Count(s => s == 0));
                    Assert.Equal(keepB, encoding.SequenceIds.Count(s => s == 1));
                    Assert.Equal(a + b > room, encoding.WasTruncated);
                }
    }

    [Theory]
    [InlineData("style-gpt2")]
    [InlineData("style-roberta")]
    [InlineData("style-llama3")]
    [InlineData("style-llama2")]
    public void A_very_long_piece_has_the_tokens_of_its_parts(string style)
    {
        var tokenizer = TextTokenizer.LoadJson(TokenizerFixture.Style(style));
        foreach (var part in new[] { "\U0001F600\u0301", "\u00E9\u4E2D", "\u2026\u2014?!", "\u0430\u0431\u0432xyz", "the" })
        {
            // A part is encoded without regard to where the piece is split; a short piece is never split.
            var (few, many) = (string.Concat(Enumerable.Repeat(part, 600)), string.Concat(Enumerable.Repeat(part, 9_000)));
            Assert.InRange(few.Length, 1, 4_096);
            var plain = new EncodeOptions { AddSpecialTokens = false };
            var (ids, more) = (tokenizer.Encode(few, options: plain), tokenizer.Encode(many, options: plain));
            var period = Period(ids.Ids);
            for (var t = 0; t < more.Ids.Count - 40; t++)
            {
                var same = t < 40 ? t : 40 + (t - 40) % period;
                Assert.Equal(ids.Ids[same], more.Ids[t]);
                if (t > 0) Assert.InRange(more.Offsets[t].Start, more.Offsets[t - 1].Start, many.Length);
            }
            Assert.Equal(many.Length, more.Offsets[^1].End);
        }
    }

    [Fact]
    public void The_memory_of_long_texts_is_given_back()
    {
        var tokenizer = TextTokenizer.Load(Fixtures.Tiny);
        var (words, symbols) = (string.Concat(Enumerable.Repeat("some words ", 90_000)), string.Concat(Enumerable.Repeat("\U0001F600\u0301", 300_000)));
        foreach (var text in new[] { words, symbols, new string('a', 300_000) })
        {
            tokenizer.Encode(text, options: new() { MaxLength = 16 });
            tokenizer.EncodeIds(text);
            tokenizer.Encode(text);
            var state = tokenizer.Idle!;
            foreach (var buffer in new[] { state.Text, state.NextText() })
                Assert.InRange(buffer.Chars.Length + buffer.From.Length + buffer.To.Length, 0, 200_000);
            Assert.InRange(state.Tokens.Ids.Length + state.Tokens.Starts.Length, 0, 200_000);
            Assert.InRange(state.Word.Ids.Length + state.Word.Bytes.Length, 0, 100_000);
            Assert.InRange(state.Unigram.Scores.Length, 0, 100_000);
        }
    }

    private static int Period(IReadOnlyList<int> ids)
    {
        for (var period = 1; period < ids.Count / 4; period++)
            if (Enumerable.Range(40, ids.Count - 80 - period).All(i => ids[i] == ids[i + period])) return period;
        throw new InvalidOperationException("The tokens do not repeat.");
    }
}
