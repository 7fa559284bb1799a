using SkTuning.Tokenizers.Normalizers;
using SkTuning.Tokenizers.PreTokenizers;

namespace SkTuning.Tokenizers.Sources;

/// <summary>
/// The pre-tokenizer and normalizer of a byte-level model, by the name in a GGUF file (tokenizer.ggml.pre). The steps are those of the model's tokenizer.json
/// if it has one.
/// </summary>
internal sealed record GgufCuts(PreTokenizerStep Steps, NormalizerStep? Normalizer = null, bool IgnoreMerges = false, bool AddBos = false, bool OnBytes = true)
{
    private const string Bloom = " ?[^(\\s|[.,!?\u2026\u3002\uFF0C\u3001\u0964\u06D4\u060C])]+";
    private const string Gpt4O =
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|" +
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|" +
        @"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public const string Names =
        "default, gpt-2, phi-2, roberta-bpe, jina-v2-code, mpt, olmo, modern-bert, llama-bpe, llama3, llama-v3, smaug-bpe, dbrx, qwen2, deepseek-r1-qwen, " +
        "stablelm2, smollm, starcoder, refact, codeshell, command-r, falcon, deepseek-llm, deepseek-coder, deepseek-v3, bloom, poro-chat, gpt3-finnish, gpt-4o";

    /// <summary>Returns the pre-tokenizer with a name, or null if the name is unknown.</summary>
    public static GgufCuts? Of(string? name) => name switch
    {
        "default" => new(ByteLevelBuilder.Cuts(
            ByteLevelBuilder.Split(@"[\p{P}\$\+<=>\^~\|]+"), ByteLevelBuilder.Split(Gpt2Scanner.Expression), ByteLevelBuilder.Split(@"\p{N}+"),
            ByteLevelBuilder.Split("[0-9][0-9][0-9]"))),
        "gpt-2" or "phi-2" or "roberta-bpe" or "jina-v2-code" => new(ByteLevelBuilder.Gpt2()),
        "mpt" or "olmo" or "modern-bert" => new(ByteLevelBuilder.Gpt2(), Nfc()),
        "llama-bpe" or "llama3" or "llama-v3" => new(ByteLevelBuilder.Cuts(ByteLevelBuilder.Split(ByteLevelBuilder.Llama3)), IgnoreMerges: true, AddBos: true),
        "smaug-bpe" or "dbrx" => new(ByteLevelBuilder.Cuts(ByteLevelBuilder.Split(ByteLevelBuilder.Llama3))),
        "qwen2" or "deepseek-r1-qwen" => new(ByteLevelBuilder.Cuts(ByteLevelBuilder.Split(ByteLevelBuilder.Qwen2)), Nfc()),
        "stablelm2" => new(ByteLevelBuilder.Cuts(ByteLevelBuilder.Split(ByteLevelBuilder.Qwen2))),
        "smollm" or "starcoder" or "refact" or "codeshell" => new(Digits()),
        "command-r" => new(Digits(), Nfc()),
        // The digits step and the last split run on bytes written as characters, some of which are numbers.
        "falcon" => new(
            new PreTokenizerSequence(
            [
                new PunctuationPreTokenizer(SplitBehavior.Contiguous), new ByteLevelPreTokenizer(false, useRegex: true, writeBytes: true),
                new DigitsPreTokenizer(false), ByteLevelBuilder.Split("[0-9][0-9][0-9]"),
            ]),
            OnBytes: false),
        "deepseek-llm" => new(ByteLevelBuilder.Cuts(
            ByteLevelBuilder.Split("[\r\n]"), ByteLevelBuilder.Split(DeepSeekLetters),
            ByteLevelBuilder.Split("\\s?[!-/:-~\uFF01-\uFF0F\uFF1A-\uFF5E\u2018-\u201F\u3000-\u3002]+"),
            ByteLevelBuilder.Split("\\s+$"), ByteLevelBuilder.Split("[\u4E00-\u9FA5\u0800-\u4E00\uAC00-\uD7FF]+"), new DigitsPreTokenizer(true))),
        "deepseek-coder" => new(ByteLevelBuilder.Cuts(
            ByteLevelBuilder.Split("[\r\n]"), ByteLevelBuilder.Split("\\s?\\p{L}+"), ByteLevelBuilder.Split("\\s?\\p{P}+"),
            ByteLevelBuilder.Split("[\u4E00-\u9FA5\u0800-\u4E00\uAC00-\uD7FF]+"), new DigitsPreTokenizer(true))),
        "deepseek-v3" => new(ByteLevelBuilder.Cuts(
            ByteLevelBuilder.Split(@"\p{N}{1,3}"), ByteLevelBuilder.Split("[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+"),
            ByteLevelBuilder.Split(
                "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|" +
                "\\s*[\r\n]+|\\s+(?!\\S)|\\s+"))),
        "bloom" or "poro-chat" or "gpt3-finnish" => new(ByteLevelBuilder.Cuts(ByteLevelBuilder.Split(Bloom))),
        "gpt-4o" => new(ByteLevelBuilder.Cuts(ByteLevelBuilder.Split(Gpt4O))),
        _ => null,
    };

    // The letters with a case, as DeepSeek LLM lists them.
    private const string DeepSeekLetters =
        "\\s?[A-Za-z\u00B5\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u01BA\u01BC-\u01BF\u01C4-\u0293\u0295-\u02AF\u0370-\u0373\u0376\u0377\u037B-\u037D\u037F" +
        "\u0386\u0388-\u038A\u038C\u038E-\u03A1\u03A3-\u03F5\u03F7-\u0481\u048A-\u052F\u0531-\u0556\u10A0-\u10C5\u13A0-\u13F5\u13F8-\u13FD" +
        "\u1C90-\u1CBA\u1CBD-\u1CBF\u1D00-\u1D2B\u1D6B-\u1D77\u1D79-\u1D9A\u1E00-\u1F15\u1F18-\u1F1D\u1F20-\u1F45\u1F48-\u1F4D\u1F50-\u1F57\u1F59" +
        "\u1F5B\u1F5D\u1F5F-\u1F7D\u1F80-\u1FB4\u1FB6-\u1FBC\u1FBE\u1FC2-\u1FC4\u1FC6-\u1FCC\u1FD0-\u1FD3\u1FD6-\u1FDB\u1FE0-\u1FEC\u1FF2-\u1FF4" +
        "\u1FF6-\u1FFC\u2102\u2107\u210A-\u2113\u2115\u2119-\u211D\u2124\u2126\u2128\u212A-\u212D\u212F-\u2134\u2139\u213C-\u213F\u2145-\u2149\u214E" +
        "\u2183\u2184\u2C00-\u2C7B\u2C7E-\u2CE4\u2CEB-\u2CEE\u2CF2\u2CF3\uA640-\uA66D\uA680-\uA69B\uA722-\uA76F\uA771-\uA787\uA78B-\uA78E" +
        "\uAB70-\uABBF\uFB00-\uFB06\uFB13-\uFB17\uFF21-\uFF3A\uFF41-\uFF5A\U00010400-\U0001044F\U000104B0-\U000104D3\U000104D8-\U000104FB" +
        "\U00010C80-\U00010CB2\U00010CC0-\U00010CF2\U000118A0-\U000118DF\U0001E900-\U0001E943]+";

    private static UnicodeNormalizer Nfc() => new(compose: true, compatible: false);

    private static PreTokenizerSequence Digits() => new([new DigitsPreTokenizer(true), ByteLevelBuilder.Gpt2()]);
}
