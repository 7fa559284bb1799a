using System.Text;
using SkTuning.Tokenizers.Normalizers;
using SkTuning.Tokenizers.SubwordModels;

namespace SkTuning.Tokenizers.Sources;

/// <summary>Reads a SentencePiece .model file: pieces, the trainer's and the normalizer's settings (sentencepiece_model.proto).</summary>
internal static class SentencePieceFile
{
    private const long MostBytes = 256L << 20;

    public static SentencePieceSpec Read(string path)
    {
        byte[] bytes;
        try
        {
            var length = new FileInfo(path).Length;
            if (length > MostBytes) throw SkTuningException.BadFile(path, null, $"{length} bytes", $"at most {MostBytes}");
            bytes = System.IO.File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SkTuningException($"{path}: cannot be read ({e.Message})", e);
        }
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
                case 3: spec = ReadNormalizer(reader.Bytes, spec); break;
            }
        }
        if (pieces.Count == 0) throw SkTuningException.BadFile(path, null, "no pieces", "a SentencePiece model", "The file is damaged or no SentencePiece model.");
        return spec;
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
                case 3: kind = reader.Number is >= 1 and <= 6 ? (PieceKind)reader.Number : throw SkTuningException.BadFile(path, $"pieces[{id}].type", $"{reader.Number}", "1 to 6"); break;
            }
        }
        return text.Length > 0 && !float.IsNaN(score) ? new(text, score, kind) : throw SkTuningException.BadFile(path, $"pieces[{id}]", text.Length == 0 ? "empty" : "without a score", "a piece and its score");
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
        if (type is not (1 or 2)) throw SkTuningException.BadFile(spec.File, "trainer_spec.model_type", $"{type} ({(type == 3 ? "word" : type == 4 ? "char" : "unknown")}), which is not implemented", "1 (unigram) or 2 (bpe)");
        return spec with { IsBpe = type == 2, ByteFallback = fallback, SpaceAsSuffix = suffix, Bos = bos, Eos = eos, Pad = pad };
    }

    private static SentencePieceSpec ReadNormalizer(ReadOnlySpan<byte> bytes, SentencePieceSpec spec)
    {
        var reader = new ProtoReader(bytes, spec.File);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 2 when reader.Bytes.Length > 0:
                    spec = spec with { Map = CharsMap.Read(reader.Bytes.ToArray()) ?? throw SkTuningException.BadFile(spec.File, "normalizer_spec.precompiled_charsmap", "no table", "a compiled normalization table") };
                    break;
                case 3: spec = spec with { AddDummyPrefix = reader.Number != 0 }; break;
                case 4: spec = spec with { RemoveExtraSpaces = reader.Number != 0 }; break;
                case 5: spec = spec with { EscapeSpaces = reader.Number != 0 }; break;
            }
        }
        return spec;
    }
}
