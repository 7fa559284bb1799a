using System.Text;
using SkTuning.Tokenizers;

namespace SkTuning.Tests.Tokenizers;

/// <summary>Compares every fixture folder line by line: ids, ids without special tokens, offsets, type ids.</summary>
public sealed class FixtureTests
{
    [Theory]
    [MemberData(nameof(TokenizerFixture.All), MemberType = typeof(TokenizerFixture))]
    public void Every_line_equals_the_reference(string name, string file)
    {
        var folder = TokenizerFixture.Folder(name, file);
        var tokenizer = TokenizerFixture.Load(folder);
        var (lines, faults) = (0, new StringBuilder());
        foreach (var line in TokenizerFixture.Lines(Path.Combine(folder, file)))
        {
            lines++;
            string? fault;
            try { fault = Compare(tokenizer, line); } catch (Exception e) when (e is not SkTuningException) { fault = e.ToString(); }
            if (fault is not null) faults.AppendLine($"line {lines}, {Show(line.Text)}: {fault}");
        }
        Assert.True(lines > 0, "no lines");
        Assert.True(faults.Length == 0, faults.ToString());
    }

    private static string? Compare(TextTokenizer tokenizer, TokenizerLine line)
    {
        var encoding = tokenizer.Encode(line.Text, line.Pair);
        if (Differ("ids", line.Ids, encoding.Ids) is { } ids) return ids;
        if (line.TypeIds is { } types && Differ("type_ids", types, encoding.TypeIds) is { } fault) return fault;
        if (line.Pair is null && Differ("ids of EncodeIds", line.Ids, tokenizer.EncodeIds(line.Text)) is { } quick) return quick;
        if (line.Plain is null) return null;
        var plain = tokenizer.Encode(line.Text, options: new() { AddSpecialTokens = false });
        if (Differ("plain", line.Plain, plain.Ids) is { } p) return p;
        if (Differ("plain ids of EncodeIds", line.Plain, tokenizer.EncodeIds(line.Text, addSpecialTokens: false)) is { } q) return q;
        if (line.Offsets is null) return null;
        if (line.Words is { } words && Differ("words", words, plain.WordIds) is { } w) return w;
        if (line.Decoded is { } decoded && tokenizer.Decode(line.Plain, skipSpecialTokens: false) is var d && d != decoded)
            return $"decoded '{d}', expected '{decoded}'";
        if (line.Skipped is { } skipped && tokenizer.Decode(line.Ids, skipSpecialTokens: true) is var k && k != skipped)
            return $"decoded without special tokens '{k}', expected '{skipped}'";
        var units = TokenizerFixture.UnitsOf(line.Text);
        return Differ("offsets", line.Offsets.Select(o => new TextSpan(units[o.Start], units[o.End])).ToList(), plain.Offsets);
    }

    private static string? Differ<T>(string what, IReadOnlyList<T> expected, IReadOnlyList<T> actual)
    {
        if (expected.SequenceEqual(actual)) return null;
        var common = Math.Min(expected.Count, actual.Count);
        var at = Enumerable.Range(0, common).FirstOrDefault(i => !expected[i]!.Equals(actual[i]), common);
        return $"{what} differ at {at}: expected {List(expected, at)} ({expected.Count}), found {List(actual, at)} ({actual.Count})";
    }

    private static string List<T>(IReadOnlyList<T> list, int at) => string.Join(' ', list.Skip(Math.Max(0, at - 2)).Take(8));

    private static string Show(string text)
    {
        var shown = string.Concat(text.Take(60).Select(c => c is >= ' ' and <= '~' ? c.ToString() : $"\\u{(int)c:X4}"));
        return $"'{shown}'";
    }
}
