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
    public void A_file_cut_short_is_refused_by_name()
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
                var e = Assert.Throws<SkTuningException>(() => new SafetensorsCheckpoint(path).Dispose());
                Assert.Contains(path, e.Message);
            }
        }
        finally { File.Delete(path); }
    }
}
