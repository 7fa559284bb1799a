using System.Text;
using SkTuning.Checkpoints.Gguf;
using static TorchSharp.torch;

namespace SkTuning.Tests.Checkpoints.Gguf;

public sealed class GgufFileTests
{
    [Theory, InlineData(2u, 32u), InlineData(3u, 32u), InlineData(3u, 8u), InlineData(3u, 256u)]
    public void Metadata_and_tensors_are_read_back(uint version, uint alignment)
    {
        using var written = new TemporaryFile(new GgufWriter { Version = version, Alignment = alignment }
            .Text("name", "größer").U32("u32", 4_000_000_000).I32("i32", -5).F32("f32", 0.5f).Bool("yes", true)
            .Add("u8", 0, w => w.Write((byte)200)).Add("i8", 1, w => w.Write((sbyte)-2))
            .Add("u16", 2, w => w.Write((ushort)60000)).Add("i16", 3, w => w.Write((short)-300))
            .Add("u64", 10, w => w.Write(1UL << 40)).Add("i64", 11, w => w.Write(-1L << 40)).Add("f64", 12, w => w.Write(1e-300))
            .Texts("texts", ["a", "", "çé"]).Floats("floats", [1, -2.5f]).Ints("ints", [3, -4]).Bools("bools", [true, false])
            .Add("nested", 9, w => { w.Write(9u); w.Write(1UL); w.Write(4u); w.Write(2UL); w.Write(7u); w.Write(8u); })
            .Tensor("a", [2, 3], [1, 2, 3, 4, 5, 6]).Tensor("b", [1], [7f]).Tensor("c", [0, 4], []).Tensor("d", [], [9f]).ToArray());
        using var file = GgufCheckpoint.Open(written.Path);
        var data = file.File.Metadata;
        Assert.Equal("größer", data.String("name"));
        Assert.Equal(
            (4_000_000_000, -5, 200, -2, 60000, -300),
            (data.Int("u32"), data.Int("i32"), data.Int("u8"), data.Int("i8"), data.Int("u16"), data.Int("i16")));
        Assert.Equal((1L << 40, -1L << 40, 1e-300, 0.5, -5.0), (data.Int("u64"), data.Int("i64"), data.Float("f64"), data.Float("f32"), data.Float("i32")));
        Assert.True(data.Bool("yes"));
        Assert.Equal(["a", "", "çé"], data.Strings("texts"));
        Assert.Equal([1, -2.5f], data.Floats("floats"));
        Assert.Equal([3, -4], data.Ints("ints"));
        Assert.Equal([true, false], data.BoolsOrNull("bools")!);
        Assert.Null(data.IntOrNull("none"));
        Assert.Equal(["a", "b", "c", "d"], file.Entries.Keys);
        using var a = file.Read("a");
        Fixtures.AssertSame(tensor(new float[,] { { 1, 2, 3 }, { 4, 5, 6 } }), a, "a");
        using var b = file.Read("b");
        Fixtures.AssertSame(tensor(new[] { 7f }), b, "b");
        using var c = file.Read("c");
        Assert.Equal([0, 4], c.shape);
        using var d = file.Read("d");
        Assert.Equal(9f, d.item<float>());
    }

    [Fact]
    public void A_value_of_the_wrong_type_is_refused_with_file_and_key()
    {
        var writer = new GgufWriter().Text("name", "x").U32("n", 1).F32("nan", float.NaN).Add("bad", 7, w => w.Write((byte)3));
        using var written = new TemporaryFile(writer.ToArray());
        using var file = GgufFile.Open(written.Path);
        foreach (var (read, key, words) in new (Action, string, string)[]
        {
            (() => file.Metadata.Int("name"), "name", "expected an integer"),
            (() => file.Metadata.String("n"), "n", "expected a string"),
            (() => file.Metadata.Strings("n"), "n", "expected an array of strings"),
            (() => file.Metadata.Float("nan"), "nan", "expected a finite number"),
            (() => file.Metadata.Bool("bad"), "bad", "expected 0 or 1"),
            (() => file.Metadata.String("absent"), "absent", "is missing, expected a string"),
        })
        {
            var e = Assert.Throws<SkTuningFileException>(read);
            Assert.Equal((written.Path, key), (e.File, e.Key));
            Assert.Contains(words, e.Message);
        }
    }

    [Fact]
    public void A_tensor_stays_valid_after_its_file_is_disposed()
    {
        using var written = new TemporaryFile(new GgufWriter().Tensor("a", [4], [1, 2, 3, 4]).Tensor("q", 8, [1, 32], new byte[34]).ToArray());
        var file = GgufCheckpoint.Open(written.Path);
        using var a = file.Read("a");
        using var q = file.ReadQuantized("q")!;
        file.Dispose();
        Assert.Equal(10f, a.sum().item<float>());
        using var expanded = q.Dequantize(ScalarType.Float32);
        Assert.Equal(0f, expanded.abs().max().item<float>());
    }

    [Fact]
    public void Reading_a_disposed_file_is_an_error_and_not_a_crash()
    {
        using var written = new TemporaryFile(new GgufWriter().Text("name", "x").Tensor("a", [4], [1, 2, 3, 4]).ToArray());
        var file = GgufCheckpoint.Open(written.Path);
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.Read("a"));
        Assert.Throws<ObjectDisposedException>(() => file.File.Metadata.String("name"));
    }

    [Theory]
    [InlineData("magic", 0, "XXXX", "does not begin with 'GGUF'")]
    [InlineData("version", 4, "\u0001\0\0\0", "'version' is 1")]
    [InlineData("big-endian", 4, "\0\0\0\u0003", "big-endian")]
    [InlineData("tensor count", 8, "\0\0\0\0\0\0\u0001\0", "'tensor count' is 281474976710656")]
    [InlineData("metadata count", 16, "\0\0\0\0\0\u0001\0\0", "'metadata count' is 1099511627776")]
    [InlineData("key length", 24, "\0\0\0\0\u0001\0\0\0", "'a metadata key (length)' is 4294967296")]
    public void A_damaged_header_is_refused_by_name(string what, int at, string bytes, string message)
    {
        var file = new GgufWriter().Text("name", "x").Tensor("a", [4], [1, 2, 3, 4]).ToArray();
        Encoding.Latin1.GetBytes(bytes).CopyTo(file, at);
        Refused(file, message, what);
    }

    [Fact]
    public void Tensors_that_do_not_fit_the_file_are_refused_by_name()
    {
        Refused(new GgufWriter().Tensor("w", 0, [20], new byte[32]).ToArray(), "'w' is 80 bytes at 0 of the data", "too long");
        Refused(new GgufWriter().Tensor("w", 0, [1L << 40, 1L << 40], new byte[32]).ToArray(), "'w' is F32 [1099511627776, 1099511627776]", "overflow");
        Refused(new GgufWriter().Tensor("w", 2, [33], new byte[32]).ToArray(), "'w' is Q4_0 with rows of 33 values, expected a multiple of 32", "half a block");
        Refused(new GgufWriter().Tensor("w", 0, [1, 1, 1, 1, 1], new byte[32]).ToArray(), "'w' is of 5 dimensions", "dimensions");
        Refused(new GgufWriter().Tensor("w", 31, [32], new byte[32]).ToArray(), $"'w' is of tensor type 31, expected one of F32, F16, BF16", "removed type");
        Refused(new GgufWriter().Tensor("w", [1], [1f]).Tensor("w", [1], [1f]).ToArray(), "'w' is a duplicate name", "twice");
        Refused(new GgufWriter().U32("general.alignment", 24).ToArray(), "'general.alignment' is 24", "alignment");
        Refused(new GgufWriter().Add("split.count", 2, w => w.Write((ushort)2)).ToArray(), "llama-gguf-split", "parts");
        Refused([], "an empty file", "empty");
    }

    [Fact]
    public void A_type_that_cannot_be_expanded_is_refused_with_the_list_of_those_that_can()
    {
        using var written = new TemporaryFile(new GgufWriter().Tensor("w", 16, [256], new byte[66]).ToArray());
        using var file = GgufCheckpoint.Open(written.Path);
        var e = Assert.ThrowsAny<SkTuningException>(() => file.Read("w"));
        Assert.Contains("IQ2_XXS", e.Message);
        Assert.Contains("Q4_0, Q4_1, Q5_0", e.Message);
    }

    [Fact]
    public void A_file_truncated_anywhere_is_refused()
    {
        var whole = File.ReadAllBytes(Path.Combine(Fixtures.Root, "gguf", "blocks.gguf"));
        for (var length = 0; length < whole.Length; length += length < 1200 ? 1 : 997)
        {
            using var cut = new TemporaryFile(whole[..length]);
            Assert.ThrowsAny<SkTuningException>(() => GgufFile.Open(cut.Path).Dispose());
        }
    }

    private static void Refused(byte[] bytes, string message, string what)
    {
        using var written = new TemporaryFile(bytes);
        var e = Assert.ThrowsAny<SkTuningException>(() => GgufFile.Open(written.Path).Dispose());
        Assert.True(e.Message.Contains(message), $"{what}: {e.Message}");
        Assert.Contains(written.Path, e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }
}
