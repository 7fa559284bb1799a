using System.Text;
using SkTuning.Tokenizers.Normalizers;
using SkTuning.Tokenizers.SubwordModels;

namespace SkTuning.Tokenizers.Sources;

/// <summary>Reads a SentencePiece .model file: the pieces, and the settings of the trainer and the normalizer (sentencepiece_model.proto).</summary>
internal static class SentencePieceFile
{
    public static SentencePieceSpec Read(string path)
    {
        var bytes = TokenizerJson.ReadBytes(path);
        var pieces = new List<SentencePiece>();
        var spec = new SentencePieceSpec { File = path, Pieces = pieces, IsBpe = false };
        var reader = new ProtoReader(bytes, path);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    if (pieces.Count > Vocabulary.LargestId) throw SkTuningException.BadFile(path, "pieces", "too many", $"at most {Vocabulary.LargestId}");
                    pieces.Add(ReadPiece(reader.Bytes, path, pieces.Count));
                    break;
                case 2: spec = ReadTrainer(reader.Bytes, spec); break;
                case 3: spec = spec with { Rules = ReadNormalizer(reader.Bytes, spec.Rules, path) }; break;
            }
        }
        if (pieces.Count > 0) return spec;
        throw SkTuningException.BadFile(path, null, "no pieces", "a SentencePiece model", "The file is damaged or not a SentencePiece model.");
    }

    private static SentencePiece ReadPiece(ReadOnlySpan<byte> bytes, string path, int id)
    {
        var (text, score, kind) = ("", 0f, PieceKind.Normal);
        var reader = new ProtoReader(bytes, path);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: text = Encoding.UTF8.GetString(reader.Bytes); break;
                case 2: score = reader.Float; break;
                case 3:
                    if (reader.Number is < 1 or > 6) throw SkTuningException.BadFile(path, $"pieces[{id}].type", $"{reader.Number}", "1 to 6");
                    kind = (PieceKind)reader.Number;
                    break;
            }
        }
        if (text.Length > 0 && !float.IsNaN(score)) return new(text, score, kind);
        throw SkTuningException.BadFile(path, $"pieces[{id}]", text.Length == 0 ? "empty" : "a piece whose score is not a number", "a piece and its score");
    }

    private static SentencePieceSpec ReadTrainer(ReadOnlySpan<byte> bytes, SentencePieceSpec spec)
    {
        var (type, fallback, suffix, bos, eos, pad) = (1UL, false, false, 1, 2, -1);
        var reader = new ProtoReader(bytes, spec.File);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 3: type = reader.Number; break;
                case 24: suffix = reader.Number != 0; break;
                case 35: fallback = reader.Number != 0; break;
                case 41: bos = (int)reader.Number; break;
                case 42: eos = (int)reader.Number; break;
                case 43: pad = (int)reader.Number; break;
            }
        }
        if (type is not (1 or 2))
        {
            var name = type == 3 ? "word" : type == 4 ? "char" : "unknown";
            throw SkTuningException.BadFile(spec.File, "trainer_spec.model_type", $"{type} ({name}), which is not implemented", "1 (unigram) or 2 (bpe)");
        }
        return spec with { IsBpe = type == 2, ByteFallback = fallback, Rules = spec.Rules with { SpaceAsSuffix = suffix }, Bos = bos, Eos = eos, Pad = pad };
    }

    private static SentencePieceRules ReadNormalizer(ReadOnlySpan<byte> bytes, SentencePieceRules rules, string path)
    {
        var reader = new ProtoReader(bytes, path);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 2 when reader.Bytes.Length > 0:
                    var map = CharsMap.Read(reader.Bytes.ToArray());
                    if (map is null)
                        throw SkTuningException.BadFile(path, "normalizer_spec.precompiled_charsmap", "not a table", "a compiled normalization table");
                    rules = rules with { Map = map };
                    break;
                case 3: rules = rules with { AddDummyPrefix = reader.Number != 0 }; break;
                case 4: rules = rules with { RemoveExtraSpaces = reader.Number != 0 }; break;
                case 5: rules = rules with { EscapeSpaces = reader.Number != 0 }; break;
            }
        }
        return rules;
    }
}
