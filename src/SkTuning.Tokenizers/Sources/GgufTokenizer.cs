using SkTuning.Tokenizers.AddedTokens;
using SkTuning.Tokenizers.Processors;
using SkTuning.Tokenizers.SubwordModels;

namespace SkTuning.Tokenizers.Sources;

/// <summary>The tokenizer metadata of a GGUF file: the entries <c>tokenizer.ggml.*</c>, null if an entry is missing.</summary>
internal sealed record GgufTokenizer
{
    /// <summary>The file, for messages.</summary>
    public required string File { get; init; }

    /// <summary>tokenizer.ggml.model: gpt2, llama, bert.</summary>
    public required string Model { get; init; }

    /// <summary>tokenizer.ggml.pre: the pre-tokenizer of gpt2 models.</summary>
    public string? Pre { get; init; }

    /// <summary>tokenizer.ggml.tokens, by id.</summary>
    public required IReadOnlyList<string> Tokens { get; init; }

    /// <summary>tokenizer.ggml.scores, by id.</summary>
    public IReadOnlyList<float>? Scores { get; init; }

    /// <summary>tokenizer.ggml.token_type, by id: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte.</summary>
    public IReadOnlyList<int>? TokenTypes { get; init; }

    /// <summary>tokenizer.ggml.merges: "a b".</summary>
    public IReadOnlyList<string>? Merges { get; init; }
    public int? BosId { get; init; }
    public int? EosId { get; init; }
    public int? UnknownId { get; init; }
    public int? SeparatorId { get; init; }
    public int? PaddingId { get; init; }
    public int? ClsId { get; init; }
    public int? MaskId { get; init; }
    public bool? AddBos { get; init; }
    public bool? AddEos { get; init; }
    public bool? AddSpacePrefix { get; init; }

    /// <summary>tokenizer.chat_template.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>Builds the tokenizer.</summary>
    /// <exception cref="SkTuningException">The model or its pre-tokenizer is not implemented, or entries contradict each other.</exception>
    public TokenizerDefinition Build()
    {
        if (Tokens.Count == 0 || Tokens.Count > Vocabulary.LargestId)
            throw Bad("tokenizer.ggml.tokens", $"a list of {Tokens.Count} tokens", $"1 to {Vocabulary.LargestId}");
        if (Scores is not null && Scores.Count != Tokens.Count)
            throw Bad("tokenizer.ggml.scores", $"a list of {Scores.Count} scores", $"{Tokens.Count}, one per token");
        if (TokenTypes is not null && TokenTypes.Count != Tokens.Count)
            throw Bad("tokenizer.ggml.token_type", $"a list of {TokenTypes.Count} types", $"{Tokens.Count}, one per token");
        if (TokenTypes?.FirstOrDefault(t => t is < 1 or > 6) is int wrong and not 0) throw Bad("tokenizer.ggml.token_type", $"{wrong} for a token", "1 to 6");
        (string, int?)[] roles =
        [
            ("bos", BosId), ("eos", EosId), ("unknown", UnknownId), ("seperator", SeparatorId), ("padding", PaddingId), ("cls", ClsId), ("mask", MaskId),
        ];
        foreach (var (name, id) in roles)
            if (id < 0 || id >= Tokens.Count) throw Bad($"tokenizer.ggml.{name}_token_id", $"{id}", $"an id below {Tokens.Count}");
        var definition = Model switch
        {
            "gpt2" => BuildByteLevel(),
            "llama" => BuildSentencePiece(),
            "bert" => BuildWordPiece(),
            _ => throw Bad("tokenizer.ggml.model", $"'{Model}', which is not implemented", "gpt2, llama or bert"),
        };
        return definition with { ChatTemplate = ChatTemplate, ChatTemplateFile = File, ChatTemplateKey = "tokenizer.chat_template" };
    }

    private SpecialTokens Special => new()
    {
        Bos = TokenOf(BosId), Eos = TokenOf(EosId), Unk = TokenOf(UnknownId), Sep = TokenOf(SeparatorId), Pad = TokenOf(PaddingId), Cls = TokenOf(ClsId),
        Mask = TokenOf(MaskId),
    };

    private string? TokenOf(int? id) => id is { } i ? Tokens[i] : null;

    private PieceKind KindOf(int id) => TokenTypes is null ? PieceKind.Normal : (PieceKind)TokenTypes[id];

    private static Vocabulary VocabularyOf(IEnumerable<string> tokens)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (id, token) in tokens.Index()) ids.TryAdd(token, id);
        return new(ids);
    }

    /// <summary>Returns the control tokens, which are special, and the user-defined tokens. Both are searched for in texts.</summary>
    private List<AddedToken> Added()
        => [.. Tokens
            .Select((token, id) => (Token: token, Kind: KindOf(id)))
            .Where(t => t.Token.Length > 0 && t.Kind is PieceKind.Control or PieceKind.UserDefined)
            .Select(t => new AddedToken(t.Token, false, false, false, false, t.Kind == PieceKind.Control))];

    private TokenizerDefinition BuildByteLevel()
    {
        var vocabulary = VocabularyOf(Tokens);
        var merges = MergeReader.FromLines(File, Merges ?? throw Bad("tokenizer.ggml.merges", "missing", "the merges of a gpt2 tokenizer"), vocabulary);
        var cut = GgufCuts.Of(Pre)
            ?? throw Bad("tokenizer.ggml.pre", Pre is null ? "missing" : $"'{Pre}', which is not implemented", $"one of {GgufCuts.Names}");
        var definition = new TokenizerDefinition
        {
            File = File,
            Normalizer = cut.Normalizer,
            PreTokenizer = cut.Steps,
            Model = new BpeModel(vocabulary, merges, new() { IgnoreMerges = cut.IgnoreMerges }, onBytes: cut.OnBytes),
            Decoder = new Decoders.ByteLevelDecoder(),
            Added = new AddedVocabulary(Added(), vocabulary, cut.Normalizer, File),
            Special = Special,
        };
        return definition with { PostProcessor = Around(AddBos ?? cut.AddBos) };
    }

    private TokenizerDefinition BuildSentencePiece()
    {
        if (Scores is null) throw Bad("tokenizer.ggml.scores", "missing", "the scores of a llama tokenizer");
        var spec = new SentencePieceSpec
        {
            File = File,
            Pieces = [.. Tokens.Select((token, id) => new SentencePiece(token, Scores[id], KindOf(id)))],
            IsBpe = true,
            ByteFallback = true,
            Rules = new() { RemoveExtraSpaces = false, AddDummyPrefix = AddSpacePrefix ?? true },
        };
        var unknown = Special.Unk ?? spec.Pieces.FirstOrDefault(p => p.Kind == PieceKind.Unknown).Text;
        var definition = SentencePieceBuilder.Build(spec, new() { Added = Added(), Special = Special with { Unk = unknown } });
        return definition with { PostProcessor = Around(AddBos ?? true) };
    }

    private PostProcessor Around(bool addBos)
        => SentencePieceBuilder.Around(
            addBos ? BosId ?? throw Bad("tokenizer.ggml.bos_token_id", "missing", "an id, because the tokenizer adds this token") : null,
            AddEos ?? false ? EosId ?? throw Bad("tokenizer.ggml.eos_token_id", "missing", "an id, because the tokenizer adds this token") : null);

    /// <summary>
    /// Builds BERT's tokenizer. GGUF stores word starts with a word sign and continuations without a prefix, which is reversed here. The file does not store
    /// whether the model is uncased; a vocabulary without upper-case letters, except in special tokens, means that it is.
    /// </summary>
    private TokenizerDefinition BuildWordPiece()
    {
        var tokens = Tokens
            .Select((token, id) => token.StartsWith('\u2581') && token.Length > 1 ? token[1..] : IsSpecial(id) ? token : "##" + token)
            .ToList();
        var vocabulary = VocabularyOf(tokens);
        var cased = tokens.Where((_, id) => !IsSpecial(id)).Any(t => t.Any(char.IsAsciiLetterUpper));
        var special = new SpecialTokens
        {
            Bos = TokenOf(BosId), Eos = TokenOf(EosId), Unk = TokenOf(UnknownId) ?? "[UNK]", Sep = TokenOf(SeparatorId) ?? "[SEP]",
            Pad = TokenOf(PaddingId) ?? "[PAD]", Cls = TokenOf(ClsId) ?? TokenOf(BosId) ?? "[CLS]", Mask = TokenOf(MaskId) ?? "[MASK]",
        };
        var added = new[] { special.Pad, special.Unk, special.Cls, special.Sep, special.Mask }
            .Where(t => vocabulary.IdOf(t!) is not null)
            .Select(t => new AddedToken(t!, false, false, false, false, true))
            .ToList();
        return WordPieceBuilder.Build(File, vocabulary, !cased, !cased, chinese: true, added, special);

        bool IsSpecial(int id) => KindOf(id) is PieceKind.Control or PieceKind.Unknown || Tokens[id] is ['[', .., ']'];
    }

    private SkTuningException Bad(string key, string found, string expected) => SkTuningException.BadFile(File, key, found, expected);
}
