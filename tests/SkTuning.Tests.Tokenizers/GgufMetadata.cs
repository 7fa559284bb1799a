using System.Text;
using SkTuning.Tokenizers.Sources;

namespace SkTuning.Tests.Tokenizers;

/// <summary>Reads as much of GGUF as the tokenizer tests need: the metadata of a file that is known to be valid.</summary>
internal static class GgufMetadata
{
    public static GgufTokenizer Tokenizer(string path)
    {
        var m = Read(path);
        return new()
        {
            File = path,
            Model = (string)m["tokenizer.ggml.model"],
            Pre = m.GetValueOrDefault("tokenizer.ggml.pre") as string,
            Tokens = List<string>("tokens")!,
            Scores = List<float>("scores"),
            TokenTypes = List<int>("token_type"),
            Merges = List<string>("merges"),
            BosId = Id("bos_token_id"), EosId = Id("eos_token_id"), UnknownId = Id("unknown_token_id"), SeparatorId = Id("seperator_token_id"),
            PaddingId = Id("padding_token_id"), ClsId = Id("cls_token_id"), MaskId = Id("mask_token_id"),
            AddBos = m.GetValueOrDefault("tokenizer.ggml.add_bos_token") as bool?,
            AddEos = m.GetValueOrDefault("tokenizer.ggml.add_eos_token") as bool?,
            AddSpacePrefix = m.GetValueOrDefault("tokenizer.ggml.add_space_prefix") as bool?,
            ChatTemplate = m.GetValueOrDefault("tokenizer.chat_template") as string,
        };

        int? Id(string name) => m.TryGetValue("tokenizer.ggml." + name, out var value) ? Convert.ToInt32(value) : null;
        List<T>? List<T>(string name) => m.TryGetValue("tokenizer.ggml." + name, out var value) ? ((List<object>)value).ConvertAll(v => (T)v) : null;
    }

    private static Dictionary<string, object> Read(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path));
        Assert.Equal("GGUF", Encoding.ASCII.GetString(reader.ReadBytes(4)));
        reader.ReadUInt32();
        reader.ReadUInt64();
        var count = reader.ReadUInt64();
        var values = new Dictionary<string, object>();
        for (; count > 0; count--)
        {
            var key = Text(reader);
            values[key] = Value(reader, reader.ReadUInt32());
        }
        return values;
    }

    private static string Text(BinaryReader reader) => Encoding.UTF8.GetString(reader.ReadBytes((int)reader.ReadUInt64()));

    private static object Value(BinaryReader reader, uint type)
    {
        switch (type)
        {
            case 0: return reader.ReadByte();
            case 1: return reader.ReadSByte();
            case 2: return reader.ReadUInt16();
            case 3: return reader.ReadInt16();
            case 4: return reader.ReadUInt32();
            case 5: return reader.ReadInt32();
            case 6: return reader.ReadSingle();
            case 7: return reader.ReadByte() != 0;
            case 8: return Text(reader);
            case 10: return reader.ReadUInt64();
            case 11: return reader.ReadInt64();
            case 12: return reader.ReadDouble();
            default:
                var item = reader.ReadUInt32();
                var list = new List<object>();
                for (var n = reader.ReadUInt64(); n > 0; n--) list.Add(Value(reader, item));
                return list;
        }
    }
}
