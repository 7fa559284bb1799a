using SkTuning.Checkpoints.Pickle;
using TorchSharp;
using static TorchSharp.torch;

namespace SkTuning.Tests.Checkpoints.Pickle;

public sealed class PickleTests
{
    private static readonly ScalarType[] Types =
    [
        ScalarType.Float64, ScalarType.Float32, ScalarType.Float16, ScalarType.BFloat16,
        ScalarType.Int64, ScalarType.Int32, ScalarType.Int16, ScalarType.Int8, ScalarType.Byte, ScalarType.Bool,
    ];

    public static TheoryData<bool, bool, int, bool, bool> Forms => new()
    {
        // deflate, zip64, alignment, parameters, copy
        { false, false, 64, false, false }, { false, false, 64, false, true }, { true, false, 64, false, false },
        { false, true, 64, true, false }, { false, false, 1, false, false }, { true, true, 1, true, true },
    };

    [Theory, MemberData(nameof(Forms))]
    public void Every_type_and_layout_is_read_back_bit_for_bit(bool deflate, bool zip64, int alignment, bool parameters, bool copy)
    {
        using var scope = NewDisposeScope();
        var numbers = randn(7, 5) * 10;
        (string, Tensor)[] tensors =
        [
            .. Types.Select(t => (t.ToString(), numbers.to_type(t))),
            ("transposed", randn(4, 6).t()), ("slice", randn(9, 4)[2..7, 1..3]), ("4d", randn(2, 3, 4, 5).permute(3, 1, 0, 2)),
            ("scalar", tensor(3.5f)), ("empty", zeros(0, 4)), ("one row", randn(1, 8)),
            .. Enumerable.Range(0, 60).Select(i => ($"layer.{i}.weight", randn(2, 2))),           // more memos than fit in a byte
        ];
        var writer = new TorchSaveWriter { Deflate = deflate, Zip64 = zip64, Alignment = alignment, Parameters = parameters };
        using var file = new TemporaryFile(writer.Save(tensors), ".bin");
        using var checkpoint = new PickleCheckpoint(file.Path, copy);
        Assert.Equal(tensors.Select(t => t.Item1), checkpoint.Entries.Keys);
        foreach (var (name, expected) in tensors)
        {
            var read = checkpoint.Read(name);
            Fixtures.AssertSame(expected, read, name);
            Assert.Equal(expected.shape, checkpoint.Entries[name].Shape);
            var sample = checkpoint.Sample(name, 3);
            Assert.Equal(Math.Min(48, expected.NumberOfElements * expected.element_size()), sample.Length);
            var start = Math.Min(16, sample.Length);
            if (expected.NumberOfElements > 0) Assert.Equal(expected.contiguous().bytes[..start].ToArray(), sample[..start]);
        }
    }

    [Fact]
    public void Uncompressed_tensors_are_views_of_the_file()
    {
        using var scope = NewDisposeScope();
        using var file = new TemporaryFile(new TorchSaveWriter().Save(("a", arange(64, dtype: ScalarType.Float32))), ".bin");
        var live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var checkpoint = new PickleCheckpoint(file.Path);
        var a = checkpoint.Read("a");
        Assert.Equal(live + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        checkpoint.Dispose();
        Assert.Equal(63 * 32f, a.sum().item<float>());                        // the mapping lives as long as the tensor
        a.Dispose();
    }

    [Fact]
    public void Values_that_are_not_tensors_are_ignored()
    {
        using var scope = NewDisposeScope();
        var writer = new TorchSaveWriter { Tail = w => { w.Text("epoch"); w.Op('K', 3); w.Op('s'); w.Text("note"); w.Op('N'); w.Op('s'); } };
        var bytes = writer.Save(("a", ones(2)));
        using var file = new TemporaryFile(bytes, ".pt");
        using var checkpoint = new PickleCheckpoint(file.Path);
        Assert.Equal(["a"], checkpoint.Entries.Keys);
    }

    [Theory]
    [InlineData("posix", "system", "'posix.system' is requested by the file")]
    [InlineData("builtins", "eval", "'builtins.eval' is requested by the file")]
    [InlineData("torch", "load", "'torch.load' is requested by the file")]
    [InlineData("torch._utils", "_rebuild_tensor_v3", "'torch._utils._rebuild_tensor_v3' is requested by the file")]
    [InlineData("numpy.core.multiarray", "scalar", "'numpy.core.multiarray.scalar' is requested by the file")]
    public void Imports_that_a_state_dict_does_not_need_are_refused_by_name_and_not_run(string module, string name, string message)
        => Refused(new TorchSaveWriter { Tail = w => { w.Text("x"); w.Global(module, name); w.Op(')'); w.Op('R'); w.Op('s'); } }.Save(), message);

    [Fact]
    public void Views_that_leave_their_storage_are_refused()
    {
        foreach (var (numbers, offset, shape, strides, message) in new (long, long, long[], long[], string)[]
        {
            (4, 0, [5], [1], "a view inside its storage"),
            (4, 1, [4], [1], "a view inside its storage"),
            (4, -1, [2], [1], "no negative numbers"),
            (4, 0, [2, 2], [long.MaxValue, 1], "a view inside its storage"),
            (4, 0, [1L << 62, 1L << 62], [0, 0], "a number of values that fits 64 bits"),
            (4, 0, [1000], [0], "no more values than the storage has"),
            (4, 0, [2, 2], [1], "the same number of strides and sizes"),
            (4, 0, [2], [-1], "no negative numbers"),
            (4, long.MaxValue, [2], [1], "a view inside its storage"),
            (9, 0, [9], [1], "in a storage of 16 bytes, expected 36"),
        })
            Refused(With("0", numbers, offset, shape, strides).Save(("a", ones(4))), message);
        Refused(With("../0", 1, 0, [1], [1]).Save(), "which is not in the zip file");

        static TorchSaveWriter With(string key, long numbers, long offset, long[] shape, long[] strides) => new()
        {
            Tail = w =>
            {
                w.Text("x");
                w.Rebuild("FloatStorage", key, numbers, offset, shape, strides);
                w.Op('s');
            },
        };
    }

    [Fact]
    public void Other_formats_are_refused_by_name()
    {
        var llama2c = Path.Combine(Fixtures.Shared, "models", "stories260k", "stories260K.bin");
        if (File.Exists(llama2c)) Assert.Contains("a model of llama2.c", Assert.ThrowsAny<SkTuningException>(() => new PickleCheckpoint(llama2c)).Message);
        Refused(Llama2c(), "a model of llama2.c");
        Refused([0x80, 2, 0x8a, 10, .. "lüF"u8], "the legacy format of PyTorch before 1.6");
        Refused("GGUF\u0003\0\0\0"u8.ToArray(), "a GGUF file");
        Refused("version https://git-lfs.github.com/spec/v1\n"u8.ToArray(), "git lfs pull");
        Refused("hello"u8.ToArray(), "a file of an unknown format");
        var zip = new ZipWriter();
        zip.Add("word/document.xml", [1, 2, 3]);
        Refused(zip.ToArray(), "'data.pkl' is not in the zip file");
        var program = new ZipWriter();
        program.Add("m/data.pkl", [1]);
        program.Add("m/constants.pkl", [1]);
        Refused(program.ToArray(), "TorchScript");
        var big = new ZipWriter();
        big.Add("m/data.pkl", [1]);
        big.Add("m/byteorder", "big"u8.ToArray());
        Refused(big.ToArray(), "'byteorder' is big, expected little");
    }

    [Fact]
    public void Damaged_pickles_are_refused()
    {
        var writer = new TorchSaveWriter();
        foreach (var (pickle, message) in new (byte[], string)[]
        {
            ([0x80, 2], "a truncated pickle"), ([0x80, 9, (byte)'.'], "pickle protocol 9"), ([0x80, 2, (byte)'.'], "an empty stack"),
            ([(byte)'I', (byte)'1', 10], "the pickle instruction 0x49"), ([(byte)'X', 255, 255, 255, 255], "a text of 4294967295 bytes"),
            ([(byte)'h', 7], "memo 7"), ([(byte)'u'], "no mark"), ([(byte)'K', 1, (byte)'.'], "the number 1, expected a dictionary"),
            ([.. Enumerable.Repeat((byte)'}', 30_000)], "more than 20000 values on the stack"),
            ([(byte)'K', 1, (byte)'K', 2, (byte)'s', (byte)'.'], "pairs"), ([(byte)')', (byte)'Q'], "a reference that is not a storage"),
        })
            Refused(writer.Zip(pickle), message);
    }

    [Fact]
    public void A_deflated_bomb_is_refused()
    {
        var zip = new ZipWriter { Deflate = true };
        zip.Add("m/data.pkl", new byte[40 << 20]);
        Refused(zip.ToArray(), "expected at most 16 times the file");
    }

    [Fact]
    public void A_nested_dictionary_of_tensors_is_refused_by_its_key()
    {
        var writer = new TorchSaveWriter
        {
            Tail = w =>
            {
                w.Text("state_dict");
                w.Op('}');
                w.Text("w");
                w.Rebuild("FloatStorage", "0", 1, 0, [1], [1]);
                w.Op('s');
                w.Op('s');
            },
        };
        Refused(writer.Save(), "'state_dict' is a nested dictionary of tensors");
    }

    private static byte[] Llama2c()
    {
        var bytes = new byte[28 + 4 * (3 * 8 + 2 * (2 * 8 + 2 * 64 + 2 * 8 * 4 + 3 * 8 * 16) + 8 + 5 * 4)];
        foreach (var (i, number) in new[] { 8, 16, 2, 2, 1, 3, 5 }.Index()) BitConverter.TryWriteBytes(bytes.AsSpan(4 * i), number);
        return bytes;
    }

    private static void Refused(byte[] bytes, string message)
    {
        using var file = new TemporaryFile(bytes, ".bin");
        var e = Assert.ThrowsAny<SkTuningException>(() => new PickleCheckpoint(file.Path).Dispose());
        Assert.Contains(message, e.Message);
        Assert.Contains(file.Path, e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }
}
