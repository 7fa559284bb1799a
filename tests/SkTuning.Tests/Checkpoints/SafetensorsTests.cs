using SkTuning.Checkpoints;
using static TorchSharp.torch;

namespace SkTuning.Tests.Checkpoints;

public sealed class SafetensorsTests
{
    [Theory, InlineData(false), InlineData(true)]
    public void Written_tensors_are_read_back_bit_for_bit(bool copy)
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            using var a = randn(3, 5);
            using var b = randn(7).to(bfloat16);
            using var c = zeros(0, 4);
            SafetensorsWriter.Write(path, [("a", a), ("b", b), ("c", c)], new Dictionary<string, string> { ["k"] = "v" });
            using var file = new SafetensorsCheckpoint(path, copy);
            Assert.Equal("v", file.Metadata["k"]);
            foreach (var (name, expected) in new[] { ("a", a), ("b", b), ("c", c) })
            {
                using var read = file.Read(name);
                Fixtures.AssertSame(expected, read, name);
            }
        }
        finally { File.Delete(path); }
    }

    [Fact]
    public void A_truncated_file_is_refused_by_name()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            using var a = randn(30, 5);
            SafetensorsWriter.Write(path, [("a", a)]);
            var bytes = File.ReadAllBytes(path);
            foreach (var length in (int[])[0, 4, 8, 20, bytes.Length - 1])
            {
                File.WriteAllBytes(path, bytes[..length]);
                var e = Assert.ThrowsAny<SkTuningException>(() => new SafetensorsCheckpoint(path).Dispose());
                Assert.Contains(path, e.Message);
            }
        }
        finally { File.Delete(path); }
    }

    [Theory]
    [InlineData("[0,4611686018427387904,4611686018427387904]", "F32", 0)]
    [InlineData("[4611686018427387904,0]", "F32", 0)]
    [InlineData("[4611686018427387904,4]", "F32", 0)]
    [InlineData("[0]", "X9", 0)]
    public void A_large_shape_with_a_zero_is_harmless(string shape, string dtype, int bytes)
    {
        var header = System.Text.Encoding.UTF8.GetBytes($"{{\"a\":{{\"dtype\":\"{dtype}\",\"shape\":{shape},\"data_offsets\":[0,{bytes}]}}}}");
        using var file = new TemporaryFile([.. BitConverter.GetBytes((long)header.Length), .. header, .. new byte[bytes]]);
        try
        {
            using var checkpoint = new SafetensorsCheckpoint(file.Path);
            using var read = checkpoint.Read("a");
            Assert.Equal(0, read.NumberOfElements);
        }
        catch (SkTuningException e) { Assert.Contains(file.Path, e.Message); }
    }

    [Theory]
    [InlineData(0, 8, 4, 12)]
    [InlineData(0, 8, 0, 8)]
    public void Tensors_that_overlap_are_refused(int a, int aEnd, int b, int bEnd)
    {
        var header = System.Text.Encoding.UTF8.GetBytes(
            $$"""{"a":{"dtype":"F32","shape":[2],"data_offsets":[{{a}},{{aEnd}}]},"b":{"dtype":"F32","shape":[2],"data_offsets":[{{b}},{{bEnd}}]} }""");
        using var file = new TemporaryFile([.. BitConverter.GetBytes((long)header.Length), .. header, .. new byte[16]]);
        Assert.Contains("over another tensor", Assert.ThrowsAny<SkTuningException>(() => new SafetensorsCheckpoint(file.Path).Dispose()).Message);
    }
}
