using System.Text;

namespace SkTuning.Bench;

/// <summary>Writes a Llama model with a billion random parameters in Q4_0 and a small vocabulary as a GGUF file (version 3).</summary>
internal static class LargeGguf
{
    private const int Layers = 23, Hidden = 2048, Inner = 5632, Heads = 32, KeyValueHeads = 4, Vocabulary = 512, Alignment = 32;
    private const uint F32 = 0, Q4_0 = 2, UInt32 = 4, Int32 = 5, Float32 = 6, Text = 8, List = 9;

    /// <returns>The number of parameters.</returns>
    public static long Write(string path)
    {
        using var file = new BinaryWriter(new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20));
        var tensors = Tensors().ToList();
        file.Write("GGUF"u8);
        file.Write(3u);
        file.Write((long)tensors.Count);
        var metadata = Metadata();
        file.Write((long)metadata.Count);
        foreach (var write in metadata) write(file);
        long offset = 0;
        foreach (var (name, shape) in tensors)
        {
            WriteText(file, name);
            file.Write(shape.Length);
            foreach (var size in shape.Reverse()) file.Write(size);
            file.Write(shape.Length == 1 ? F32 : Q4_0);
            file.Write(offset);
            offset += Aligned(Bytes(shape));
        }
        file.Flush();
        file.Write(new byte[Aligned(file.BaseStream.Position) - file.BaseStream.Position]);
        var blocks = Blocks();
        foreach (var (name, shape) in tensors)
        {
            var left = Bytes(shape);
            if (shape.Length == 1)
            {
                for (var i = 0; i < shape[0]; i++) file.Write(1f);
            }
            else for (var rest = left; rest > 0; rest -= blocks.Length) file.Write(blocks, 0, (int)Math.Min(rest, blocks.Length));
            file.Write(new byte[Aligned(left) - left]);
        }
        return tensors.Sum(t => t.Shape.Aggregate(1L, (a, b) => a * b));
    }

    private static IEnumerable<(string Name, long[] Shape)> Tensors()
    {
        const int keys = Hidden / Heads * KeyValueHeads;
        yield return ("token_embd.weight", [Vocabulary, Hidden]);
        for (var l = 0; l < Layers; l++)
        {
            yield return ($"blk.{l}.attn_norm.weight", [Hidden]);
            yield return ($"blk.{l}.attn_q.weight", [Hidden, Hidden]);
            yield return ($"blk.{l}.attn_k.weight", [keys, Hidden]);
            yield return ($"blk.{l}.attn_v.weight", [keys, Hidden]);
            yield return ($"blk.{l}.attn_output.weight", [Hidden, Hidden]);
            yield return ($"blk.{l}.ffn_norm.weight", [Hidden]);
            yield return ($"blk.{l}.ffn_gate.weight", [Inner, Hidden]);
            yield return ($"blk.{l}.ffn_up.weight", [Inner, Hidden]);
            yield return ($"blk.{l}.ffn_down.weight", [Hidden, Inner]);
        }
        yield return ("output_norm.weight", [Hidden]);
    }

    private static List<Action<BinaryWriter>> Metadata()
    {
        List<(string Token, int Type)> tokens = [("<unk>", 2), ("<s>", 3), ("</s>", 3)];
        for (var b = 0; b < 256; b++) tokens.Add(($"<0x{b:X2}>", 6));
        tokens.Add(("\u2581", 1));
        for (var c = 'a'; c <= 'z'; c++) tokens.Add((c.ToString(), 1));
        for (var i = 0; tokens.Count < Vocabulary; i++) tokens.Add(($"{(char)('a' + i / 26)}{(char)('a' + i % 26)}", 1));
        return
        [
            Value("general.architecture", Text, f => WriteText(f, "llama")),
            Size("llama.block_count", Layers), Size("llama.context_length", 2048), Size("llama.embedding_length", Hidden),
            Size("llama.feed_forward_length", Inner),
            Size("llama.attention.head_count", Heads), Size("llama.attention.head_count_kv", KeyValueHeads), Size("llama.vocab_size", Vocabulary),
            Size("llama.rope.dimension_count", Hidden / Heads), Value("llama.attention.layer_norm_rms_epsilon", Float32, f => f.Write(1e-5f)),
            Value("tokenizer.ggml.model", Text, f => WriteText(f, "llama")),
            Each("tokenizer.ggml.tokens", Text, tokens, (f, t) => WriteText(f, t.Token)),
            Each("tokenizer.ggml.scores", Float32, [.. tokens.Index()], (f, t) => f.Write(-(float)t.Index)),
            Each("tokenizer.ggml.token_type", Int32, tokens, (f, t) => f.Write(t.Type)),
            Size("tokenizer.ggml.bos_token_id", 1), Size("tokenizer.ggml.eos_token_id", 2),
        ];

        static Action<BinaryWriter> Size(string key, int value) => Value(key, UInt32, f => f.Write(value));

        static Action<BinaryWriter> Value(string key, uint type, Action<BinaryWriter> write) => f =>
        {
            WriteText(f, key);
            f.Write(type);
            write(f);
        };

        static Action<BinaryWriter> Each<T>(string key, uint type, IReadOnlyList<T> items, Action<BinaryWriter, T> write) => Value(key, List, f =>
        {
            f.Write(type);
            f.Write((long)items.Count);
            foreach (var item in items) write(f, item);
        });
    }

    /// <summary>Writes blocks with a scale of 0.005 and random nibbles: weights of about 0.02, as in trained models.</summary>
    private static byte[] Blocks()
    {
        var blocks = new byte[18 * 65_537];                                       // not a divisor of a row, so that repetitions are not aligned
        new Random(1).NextBytes(blocks);
        for (var b = 0; b < blocks.Length; b += 18) BitConverter.TryWriteBytes(blocks.AsSpan(b), (Half)0.005f);
        return blocks;
    }

    private static long Bytes(long[] shape) => shape.Length == 1 ? shape[0] * 4 : shape[0] * shape[1] / 32 * 18;

    private static long Aligned(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    private static void WriteText(BinaryWriter file, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        file.Write((long)bytes.Length);
        file.Write(bytes);
    }
}
