namespace SkTuning.Checkpoints.Gguf;

/// <summary>The tokenizer of a GGUF file as plain values (<c>tokenizer.ggml.*</c>). What a file does not say is null.</summary>
internal sealed record GgufTokenizer
{
    /// <summary><c>gpt2</c> (byte-level BPE), <c>llama</c> (SentencePiece BPE), <c>bert</c> (WordPiece), <c>t5</c> (Unigram)…</summary>
    public required string Model { get; init; }

    /// <summary>The name of the pre-tokenizer: <c>default</c>, <c>llama-bpe</c>, <c>qwen2</c>, <c>smollm</c>…</summary>
    public string? Pre { get; init; }

    public required string[] Tokens { get; init; }
    public float[]? Scores { get; init; }

    /// <summary>1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte.</summary>
    public long[]? TokenTypes { get; init; }

    /// <summary>Each merge as <c>left right</c>.</summary>
    public string[]? Merges { get; init; }

    public int? Bos { get; init; }
    public int? Eos { get; init; }
    public int? Unknown { get; init; }
    public int? Pad { get; init; }
    public int? Separator { get; init; }
    public int? Cls { get; init; }
    public int? Mask { get; init; }

    public bool? AddBos { get; init; }
    public bool? AddEos { get; init; }
    public bool? AddSeparator { get; init; }
    public bool? AddSpacePrefix { get; init; }
    public bool? RemoveExtraWhitespaces { get; init; }

    /// <summary>SentencePiece's compiled normalizer, as in its own file.</summary>
    public byte[]? PrecompiledCharsMap { get; init; }

    /// <summary>The file's tokenizer, or null where it has none.</summary>
    public static GgufTokenizer? Read(GgufFile file)
    {
        const string prefix = "tokenizer.ggml.";
        var data = file.Metadata;
        if (data.StringOrNull(prefix + "model") is not { } model || model is "no_vocab" or "none") return null;
        var tokens = data.Strings(prefix + "tokens");
        return new()
        {
            Model = model,
            Pre = data.StringOrNull(prefix + "pre"),
            Tokens = tokens,
            Scores = PerToken(data.FloatsOrNull(prefix + "scores"), "scores"),
            TokenTypes = PerToken(data.IntsOrNull(prefix + "token_type"), "token_type"),
            Merges = data.StringsOrNull(prefix + "merges"),
            Bos = Id("bos_token_id"),
            Eos = Id("eos_token_id"),
            Unknown = Id("unknown_token_id"),
            Pad = Id("padding_token_id"),
            Separator = Id("seperator_token_id") ?? Id("separator_token_id"),   // the first is how llama.cpp spells it
            Cls = Id("cls_token_id"),
            Mask = Id("mask_token_id"),
            AddBos = data.BoolOrNull(prefix + "add_bos_token"),
            AddEos = data.BoolOrNull(prefix + "add_eos_token"),
            AddSeparator = data.BoolOrNull(prefix + "add_sep_token"),
            AddSpacePrefix = data.BoolOrNull(prefix + "add_space_prefix"),
            RemoveExtraWhitespaces = data.BoolOrNull(prefix + "remove_extra_whitespaces"),
            PrecompiledCharsMap = data.BytesOrNull(prefix + "precompiled_charsmap"),
        };

        T[]? PerToken<T>(T[]? list, string key) => list is null || list.Length == tokens.Length
            ? list : throw SkTuningException.BadFile(file.Path, prefix + key, $"{list.Length} entries", $"{tokens.Length}, one for each token");

        int? Id(string key) => data.IntOrNull(prefix + key) switch
        {
            null or -1 or uint.MaxValue => null,                                // both are written for "none"
            var id when id >= 0 && id < tokens.Length => (int)id,
            var id => throw SkTuningException.BadFile(file.Path, prefix + key, $"{id}", $"an id below {tokens.Length}"),
        };
    }
}
