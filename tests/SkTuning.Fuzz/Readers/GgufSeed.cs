using System.Text;

namespace SkTuning.Fuzz.Readers;

/// <summary>Gives a GGUF fixture, whose tokens are numbers that no text encodes to, a vocabulary of letters.</summary>
internal static class GgufSeed
{
    private const string Prefix = "tokenizer.";

    public static byte[] WithTokenizer(byte[] file)
    {
        using var reader = new BinaryReader(new MemoryStream(file));
        var head = reader.ReadBytes(8);
        var (tensors, count) = (reader.ReadUInt64(), reader.ReadUInt64());
        var (kept, tokens) = (new List<byte[]>(), 0);
        for (var i = 0UL; i < count; i++)
        {
            var from = (int)reader.BaseStream.Position;
            var key = Encoding.UTF8.GetString(reader.ReadBytes((int)reader.ReadUInt64()));
            var items = Skip(reader, reader.ReadUInt32());
            if (key == "tokenizer.ggml.tokens") tokens = items;
            if (!key.StartsWith(Prefix, StringComparison.Ordinal) || key.EndsWith("token_type_count", StringComparison.Ordinal))
                kept.Add(file[from..(int)reader.BaseStream.Position]);
        }
        var infos = (int)reader.BaseStream.Position;
        for (var i = 0UL; i < tensors; i++)
        {
            reader.ReadBytes((int)reader.ReadUInt64());
            reader.ReadBytes(((int)reader.ReadUInt32() * 8) + 12);
        }
        var end = (int)reader.BaseStream.Position;

        var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(head);
        writer.Write(tensors);
        writer.Write((ulong)kept.Count + 7);
        foreach (var pair in kept) writer.Write(pair);
        Key(writer, "tokenizer.ggml.model", 8);
        Text(writer, "llama");
        string[] words = ["<unk>", "<s>", "</s>", "\u2581", .. "abcdefghijklmnopqrstuvwxyz".Select(c => c.ToString()), "\u2581the", "\u2581is", "re", "in"];
        words = [.. words, .. Enumerable.Range(0, tokens - words.Length).Select(i => $"\u2581w{i}")];
        List(writer, "tokenizer.ggml.tokens", 8, words, w => Text(writer, w));
        List(writer, "tokenizer.ggml.scores", 6, [.. Enumerable.Range(0, tokens)], i => writer.Write(-(float)i));
        List(writer, "tokenizer.ggml.token_type", 5, [.. Enumerable.Range(0, tokens)], i => writer.Write(i == 0 ? 2 : i < 3 ? 3 : 1));
        foreach (var (key, id) in ((string, uint)[])[("unknown_token_id", 0), ("bos_token_id", 1), ("eos_token_id", 2)])
        {
            Key(writer, "tokenizer.ggml." + key, 4);
            writer.Write(id);
        }
        writer.Write(file[infos..end]);
        writer.Write(new byte[Padding(stream.Position)]);
        writer.Write(file[(int)(end + Padding(end))..]);
        return stream.ToArray();
    }

    /// <summary>Skips a value and returns the number of its items.</summary>
    private static int Skip(BinaryReader reader, uint type)
    {
        switch (type)
        {
            case 8: reader.ReadBytes((int)reader.ReadUInt64()); return 1;
            case 9:
                var (item, count) = (reader.ReadUInt32(), (int)reader.ReadUInt64());
                for (var i = 0; i < count; i++) Skip(reader, item);
                return count;
            default: reader.ReadBytes(type switch { 0 or 1 or 7 => 1, 2 or 3 => 2, 4 or 5 or 6 => 4, _ => 8 }); return 1;
        }
    }

    private static void List<T>(BinaryWriter writer, string key, uint type, IReadOnlyList<T> items, Action<T> write)
    {
        Key(writer, key, 9);
        writer.Write(type);
        writer.Write((ulong)items.Count);
        foreach (var item in items) write(item);
    }

    private static void Key(BinaryWriter writer, string key, uint type)
    {
        Text(writer, key);
        writer.Write(type);
    }

    private static void Text(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    private static long Padding(long at) => (32 - (at % 32)) % 32;
}
