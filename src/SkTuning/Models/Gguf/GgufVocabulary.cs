using SkTuning.Checkpoints.Gguf;
using SkTuning.Tokenizers.Sources;

namespace SkTuning.Models.Gguf;

/// <summary>Reads the tokenizer entries of a GGUF file (<c>tokenizer.ggml.*</c>).</summary>
internal static class GgufVocabulary
{
    private const string Prefix = "tokenizer.ggml.";

    /// <summary>The key of the tokenizer's kind; a file without it has no tokenizer.</summary>
    public const string ModelKey = Prefix + "model";

    /// <summary>The file's tokenizer, or null where it has none.</summary>
    public static GgufTokenizer? Read(GgufFile file)
    {
        var data = file.Metadata;
        if (data.StringOrNull(ModelKey) is not { } model || model is "no_vocab" or "none") return null;
        var tokens = data.Strings(Prefix + "tokens");
        return new()
        {
            File = file.Path,
            Model = model,
            Pre = data.StringOrNull(Prefix + "pre"),
            Tokens = tokens,
            Scores = PerToken(data.FloatsOrNull(Prefix + "scores"), "scores"),
            // A type that fits no int becomes -1, which is refused by name where the tokenizer is built.
            TokenTypes = PerToken(data.IntsOrNull(Prefix + "token_type"), "token_type") is { } types
                ? Array.ConvertAll(types, t => t is >= 0 and <= int.MaxValue ? (int)t : -1) : null,
            Merges = data.StringsOrNull(Prefix + "merges"),
            BosId = Id("bos_token_id"),
            EosId = Id("eos_token_id"),
            UnknownId = Id("unknown_token_id"),
            PaddingId = Id("padding_token_id"),
            SeparatorId = Id("seperator_token_id") ?? Id("separator_token_id"),   // the first is llama.cpp's spelling
            ClsId = Id("cls_token_id"),
            MaskId = Id("mask_token_id"),
            AddBos = data.BoolOrNull(Prefix + "add_bos_token"),
            AddEos = data.BoolOrNull(Prefix + "add_eos_token"),
            AddSpacePrefix = data.BoolOrNull(Prefix + "add_space_prefix"),
            ChatTemplate = data.StringOrNull("tokenizer.chat_template"),
        };

        T[]? PerToken<T>(T[]? list, string key) => list is null || list.Length == tokens.Length
            ? list : throw SkTuningException.BadFile(file.Path, Prefix + key, $"{list.Length} entries", $"{tokens.Length}, one for each token");

        int? Id(string key) => data.IntOrNull(Prefix + key) switch
        {
            null or -1 or uint.MaxValue => null,                                // converters write both for "none"
            var id when id >= 0 && id < tokens.Length => (int)id,
            var id => throw SkTuningException.BadFile(file.Path, Prefix + key, $"{id}", $"an id below {tokens.Length}"),
        };
    }
}
