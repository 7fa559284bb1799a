using System.Globalization;
using System.Text.Json;
using SkTuning.Tokenizers.Normalizers;
using SkTuning.Tokenizers.SubwordModels;

namespace SkTuning.Tokenizers.Sources;

/// <summary>
/// Writes the tokenizer of a GGUF file as the files of a model folder: tokenizer.json for a byte-level tokenizer, tokenizer.model for SentencePiece and
/// vocab.txt for BERT, each with a tokenizer_config.json. The caller must compare the fingerprints to check that the folder is read as the same tokenizer.
/// </summary>
internal static class TokenizerFiles
{
    public const string Settings = "tokenizer_config.json";

    public static void Write(GgufTokenizer stored, string folder)
    {
        var parts = stored.Build();
        var type = stored.Model switch
        {
            "gpt2" => TokenizerJsonWriter.Write(stored, parts, Path.Combine(folder, "tokenizer.json")),
            "llama" => SentencePiece(stored, parts, Path.Combine(folder, "tokenizer.model")),
            _ => WordPiece(parts, Path.Combine(folder, "vocab.txt")),
        };
        Json(Path.Combine(folder, Settings), json =>
        {
            json.WriteString("tokenizer_class", type);
            json.WriteBoolean("clean_up_tokenization_spaces", false);
            if (type == "LlamaTokenizer")
            {
                json.WriteBoolean("add_bos_token", parts.PostProcessor.Prefix.Length > 0);
                json.WriteBoolean("add_eos_token", parts.PostProcessor.Suffix.Length > 0);
                json.WriteBoolean("legacy", true);
            }
            if (type == "BertTokenizer" && parts.Normalizer is BertNormalizer bert)
            {
                json.WriteBoolean("do_lower_case", bert.Lowercases);
                json.WriteBoolean("strip_accents", bert.StripsAccents);
                json.WriteBoolean("tokenize_chinese_chars", true);
            }
            var special = parts.Special;
            ReadOnlySpan<(string, string?)> roles =
            [
                ("bos", special.Bos), ("eos", special.Eos), ("unk", special.Unk), ("sep", special.Sep), ("pad", special.Pad), ("cls", special.Cls),
                ("mask", special.Mask),
            ];
            foreach (var (role, token) in roles)
                if (token is not null && parts.Added.IdOf(token) is not null) json.WriteString(role + "_token", token);
            json.WriteStartObject("added_tokens_decoder");
            foreach (var token in TokenizerJsonWriter.Added(parts))
            {
                json.WriteStartObject(parts.Added.IdOf(token.Content)!.Value.ToString(CultureInfo.InvariantCulture));
                TokenizerJsonWriter.Token(json, token);
                json.WriteEndObject();
            }
            json.WriteEndObject();
            if (parts.ChatTemplate is { } template) json.WriteString("chat_template", template);
        });
    }

    /// <summary>Writes a SentencePiece model. The fields of sentencepiece_model.proto are pieces (1), trainer_spec (2) and normalizer_spec (3).</summary>
    private static string SentencePiece(GgufTokenizer stored, TokenizerDefinition parts, string file)
    {
        var model = new ProtoWriter();
        foreach (var (id, token) in stored.Tokens.Index())
        {
            var piece = new ProtoWriter().Text(1, token).Single(2, stored.Scores![id]);
            if (stored.TokenTypes is { } types && types[id] != (int)PieceKind.Normal) piece.Number(3, types[id]);
            model.Message(1, piece);
        }
        // model_type (BPE), vocab_size, byte_fallback
        var trainer = new ProtoWriter().Number(3, 2).Number(4, stored.Tokens.Count).Number(35, 1);
        ReadOnlySpan<(int, int?)> special = [(40, parts.Model.Unknown), (41, stored.BosId), (42, stored.EosId), (43, stored.PaddingId)];
        foreach (var (field, id) in special) trainer.Number(field, id ?? -1);
        model.Message(2, trainer);
        model.Message(3, new ProtoWriter().Text(1, "identity").Number(3, stored.AddSpacePrefix ?? true ? 1 : 0).Number(4, 0).Number(5, 1));
        File.WriteAllBytes(file, model.Bytes);
        return "LlamaTokenizer";
    }

    private static string WordPiece(TokenizerDefinition parts, string file)
    {
        var vocabulary = parts.Model.Vocabulary;
        var lines = Enumerable.Range(0, vocabulary.Size).Select(id => (vocabulary.TokenOf(id) ?? $"[unused-{id}]") + "\n");
        File.WriteAllText(file, string.Concat(lines));
        return "BertTokenizer";
    }

    public static void Json(string file, Action<Utf8JsonWriter> write)
    {
        using var stream = new FileStream(file, FileMode.Create, FileAccess.Write);
        // As in the tokenizers library, the letters of all scripts are written unescaped.
        var encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        using var json = new Utf8JsonWriter(stream, new() { Indented = true, NewLine = "\n", Encoder = encoder });
        json.WriteStartObject();
        write(json);
        json.WriteEndObject();
    }
}
