using SkTuning.Tokenizers.Sources;

namespace SkTuning.Tests.Tokenizers;

/// <summary>Settings of a SentencePiece model, which omits those that are the defaults of sentencepiece_model.proto.</summary>
public sealed class SentencePieceFileTests
{
    [Fact]
    public void What_a_file_omits_has_the_default_of_its_format()
    {
        var spec = Read(trainer: [], normalizer: []);
        Assert.Equal((false, false, 1, 2, -1), (spec.IsBpe, spec.ByteFallback, spec.Bos, spec.Eos, spec.Pad));
        Assert.Equal((true, true, true, false, null),
            (spec.Rules.AddDummyPrefix, spec.Rules.RemoveExtraSpaces, spec.Rules.EscapeSpaces, spec.Rules.SpaceAsSuffix, spec.Rules.Map));
        Assert.Equal(["a", "b"], spec.Pieces.Select(p => p.Text));
    }

    [Fact]
    public void What_a_file_says_is_read()
    {
        var spec = Read(trainer: [(3, 2), (24, 1), (35, 1), (41, 5), (42, 6), (43, 7)], normalizer: [(3, 0), (4, 0), (5, 0)]);
        Assert.Equal((true, true, 5, 6, 7), (spec.IsBpe, spec.ByteFallback, spec.Bos, spec.Eos, spec.Pad));
        Assert.Equal((false, false, false, true),
            (spec.Rules.AddDummyPrefix, spec.Rules.RemoveExtraSpaces, spec.Rules.EscapeSpaces, spec.Rules.SpaceAsSuffix));
        var off = Read(trainer: [(3, 1), (24, 0), (35, 0), (43, ulong.MaxValue)], normalizer: [(3, 1), (4, 1), (5, 1)]);
        Assert.Equal((false, false, -1, false), (off.IsBpe, off.ByteFallback, off.Pad, off.Rules.SpaceAsSuffix));
        Assert.Equal((true, true, true), (off.Rules.AddDummyPrefix, off.Rules.RemoveExtraSpaces, off.Rules.EscapeSpaces));
    }

    [Theory]
    [InlineData(3, "3 (word)")]
    [InlineData(4, "4 (char)")]
    [InlineData(5, "5 (unknown)")]
    [InlineData(0, "0 (unknown)")]
    public void Another_kind_of_model_is_refused_by_name(ulong kind, string name)
        => Assert.Contains($"'trainer_spec.model_type' is {name}", Assert.ThrowsAny<SkTuningException>(() => Read([(3, kind)], [])).Message);

    /// <summary>Reads a file with two pieces and numbers in the specifications of the trainer (field 2) and the normalizer (field 3).</summary>
    private static SentencePieceSpec Read((int Field, ulong Number)[] trainer, (int Field, ulong Number)[] normalizer)
    {
        using var folder = new TemporaryFolder();
        byte[] pieces = [.. Message(1, Message(1, "a"u8)), .. Message(1, Message(1, "b"u8))];
        File.WriteAllBytes(folder["spiece.model"], [.. pieces, .. Message(2, Numbers(trainer)), .. Message(3, Numbers(normalizer))]);
        return SentencePieceFile.Read(folder["spiece.model"]);
    }

    private static byte[] Numbers((int Field, ulong Number)[] numbers)
        => [.. numbers.SelectMany(n => Varint((ulong)n.Field << 3).Concat(Varint(n.Number)))];

    private static byte[] Message(int field, ReadOnlySpan<byte> content) => [.. Varint(((ulong)field << 3) | 2), .. Varint((ulong)content.Length), .. content];

    private static IEnumerable<byte> Varint(ulong number)
    {
        for (; number >= 0x80; number >>= 7) yield return (byte)(number | 0x80);
        yield return (byte)number;
    }
}
