using System.Text;
using SkTuning.Checkpoints;
using SkTuning.Checkpoints.Gguf;
using SkTuning.Checkpoints.Pickle;
using SkTuning.Models.Gguf;
using SkTuning.Tests.Checkpoints.Pickle;

namespace SkTuning.Tests.Checkpoints;

/// <summary>
/// Files of many megabytes in which each object takes as few bytes as possible. Reading one creates objects of at most 16 MB plus 16 times its size.
/// </summary>
public sealed class WastefulFileTests
{
    private const int Many = 800_000;

    [Fact]
    public void A_gguf_file_of_very_many_tensors()
    {
        var stream = new MemoryStream();
        var w = Header(stream, Many, 1);
        Text(w, "general.alignment");
        w.Write(4u);
        w.Write(1u);
        for (var i = 0; i < Many; i++)
        {
            w.Write(4UL);
            w.Write(Name(i));
            w.Write(1u);
            w.Write(0UL);                                                     // one dimension of size 0
            w.Write(0u);
            w.Write(0UL);
        }
        Check(stream, ".gguf", path => GgufCheckpoint.Open(path).Dispose());
    }

    [Fact]
    public void A_gguf_file_of_very_many_values()
    {
        var stream = new MemoryStream();
        var w = Header(stream, 0, Many);
        for (var i = 0; i < Many; i++)
        {
            w.Write(4UL);
            w.Write(Name(i));
            w.Write(0u);
            w.Write((byte)1);
        }
        Check(stream, ".gguf", path => GgufCheckpoint.Open(path).Dispose());
    }

    [Fact]
    public void A_gguf_tokenizer_of_empty_strings()
    {
        var stream = new MemoryStream();
        var w = Header(stream, 0, 2);
        Text(w, "tokenizer.ggml.model");
        w.Write(8u);
        Text(w, "gpt2");
        Text(w, "tokenizer.ggml.tokens");
        w.Write(9u);
        w.Write(8u);
        w.Write((ulong)Many);
        for (var i = 0; i < Many; i++) Text(w, i % 2 == 0 ? "" : "a");
        Check(stream, ".gguf", path =>
        {
            using var file = GgufFile.Open(path);
            Assert.Equal(Many, GgufVocabulary.Read(file)!.Tokens.Count);
        });
    }

    [Fact]
    public void A_safetensors_file_of_very_many_tensors()
    {
        var text = new StringBuilder("{");
        for (var i = 0; i < Many / 4; i++) text.Append(i == 0 ? "" : ",").Append($"\"{i:x}\":{{\"dtype\":\"I8\",\"shape\":[0],\"data_offsets\":[0,0]}}");
        var header = Encoding.ASCII.GetBytes(text.Append('}').ToString());
        Check(new MemoryStream([.. BitConverter.GetBytes((long)header.Length), .. header]), ".safetensors", path => new SafetensorsCheckpoint(path).Dispose());
    }

    [Theory]
    [InlineData("dictionaries", "}0")]
    [InlineData("tuples", "K\u0001\u00850")]
    [InlineData("memos", "Nr\u0004\0\0\00")]
    [InlineData("texts", "X\u0001\0\0\0a0")]
    [InlineData("storages", "h\0Q0")]
    [InlineData("tensors", "h\u0001h\u0002R0")]
    [InlineData("entries", "X\u0004\0\0\0nameh\u0003s")]
    public void A_pickle_that_repeats_the_most_expensive_instructions(string what, string code)
    {
        // Memo 0: a storage's id. 1: the function. 2: its arguments. 3: a tensor. The stack starts with a dictionary.
        var prefix = Encoding.Latin1.GetBytes("\u0080\u0002(X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\00X\u0003\0\0\0cpuK\u0001tq\0"
            + "0ctorch._utils\n_rebuild_tensor_v2\nq\u00010(h\0QK\0K\u0001\u0085K\u0001\u0085tq\u00020h\u0001h\u0002Rq\u00030}");
        var repeated = Encoding.Latin1.GetBytes(code);
        var pickle = new List<byte>(prefix);
        for (var i = 0; i < Many * 4; i++)
        {
            if (what == "entries") Name(i).CopyTo(repeated, 5);
            pickle.AddRange(repeated);
        }
        pickle.Add((byte)'.');
        var zip = new ZipWriter();
        zip.Add("m/data.pkl", [.. pickle]);
        zip.Add("m/data/0", new byte[4]);
        Check(new MemoryStream(zip.ToArray()), ".bin", path => new PickleCheckpoint(path).Dispose());
    }

    [Fact]
    public void A_zip_file_of_very_many_entries()
    {
        var zip = new ZipWriter { Alignment = 1 };
        for (var i = 0; i < 65_000; i++) zip.Add(Encoding.ASCII.GetString(Name(i)), []);
        Check(new MemoryStream(zip.ToArray()), ".bin", path => new PickleCheckpoint(path).Dispose());
    }

    private static void Check(MemoryStream file, string extension, Action<string> open)
    {
        using var written = new TemporaryFile(file.ToArray(), extension);
        var before = GC.GetAllocatedBytesForCurrentThread();
        try { open(written.Path); }
        catch (SkTuningException) { }
        var made = GC.GetAllocatedBytesForCurrentThread() - before;
        var times = $"{(double)made / file.Length:F1} times";
        Assert.True(made <= (16 << 20) + 16 * file.Length, $"{made:N0} bytes of objects for a file of {file.Length:N0} bytes: {times}");
        TestContext.Current.SendDiagnosticMessage($"{made / 1e6:F0} MB of objects for a file of {file.Length / 1e6:F1} MB: {times}");
    }

    private static BinaryWriter Header(MemoryStream stream, int tensors, int values)
    {
        var w = new BinaryWriter(stream);
        w.Write("GGUF"u8);
        w.Write(3u);
        w.Write((ulong)tensors);
        w.Write((ulong)values);
        return w;
    }

    private static void Text(BinaryWriter w, string text)
    {
        w.Write((ulong)text.Length);
        w.Write(Encoding.ASCII.GetBytes(text));
    }

    /// <summary>Four characters, different for each number.</summary>
    private static byte[] Name(int i) => [(byte)('a' + i % 26), (byte)('a' + i / 26 % 26), (byte)('a' + i / 676 % 26), (byte)(' ' + i / 17576 % 90)];
}
