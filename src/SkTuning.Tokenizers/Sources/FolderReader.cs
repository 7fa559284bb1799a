using SkTuning.Tokenizers.AddedTokens;
using SkTuning.Tokenizers.Normalizers;
using SkTuning.Tokenizers.Processors;
using SkTuning.Tokenizers.SubwordModels;

namespace SkTuning.Tokenizers.Sources;

/// <summary>
/// Reads the tokenizer of a model folder, or a single tokenizer file. The first of these files is used: tokenizer.json; a SentencePiece model (tokenizer.model,
/// spiece.model, sentencepiece.bpe.model); vocab.json with merges.txt; vocab.txt. Further settings come from the settings files of the folder.
/// </summary>
internal static class FolderReader
{
    private static readonly string[] SentencePieceNames = ["tokenizer.model", "spiece.model", "sentencepiece.bpe.model"];

    private static readonly SpecialTokens RobertaTokens =
        new() { Bos = "<s>", Eos = "</s>", Unk = "<unk>", Sep = "</s>", Pad = "<pad>", Cls = "<s>", Mask = "<mask>" };

    public static TokenizerDefinition Read(string path)
    {
        if (File.Exists(path)) return ReadFile(path);
        if (!Directory.Exists(path)) throw new SkTuningException($"{path}: there is no such file or folder, expected a model folder or a tokenizer file.");
        string[] names = ["tokenizer.json", .. SentencePieceNames, "vocab.json", "vocab.txt"];
        var first = names.Select(n => Path.Combine(path, n)).FirstOrDefault(File.Exists);
        return first is not null
            ? ReadFile(first)
            : throw new SkTuningException($"{path}: there is no tokenizer, expected one of {string.Join(", ", names)} (vocab.json with merges.txt).");
    }

    private static TokenizerDefinition ReadFile(string path)
    {
        var settings = FolderSettings.Read(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var definition = Path.GetFileName(path) switch
        {
            "vocab.json" or "merges.txt"
                => ReadByteLevel(settings, Path.Combine(settings.Folder, "vocab.json"), Path.Combine(settings.Folder, "merges.txt")),
            var name when name.EndsWith(".json", StringComparison.Ordinal) => TokenizerJson.Read(path, settings),
            var name when name.EndsWith(".model", StringComparison.Ordinal) => ReadSentencePiece(path, settings),
            var name when name.EndsWith(".txt", StringComparison.Ordinal) => ReadWordPiece(path, settings),
            var name => throw new SkTuningException(
                $"{path}: '{name}' is not a tokenizer file, expected tokenizer.json, a SentencePiece .model, vocab.json with merges.txt, or vocab.txt."),
        };
        return definition with
        {
            ChatTemplate = settings.ChatTemplate,
            ChatTemplateFile = Path.Combine(settings.Folder, "tokenizer_config.json"),
        };
    }

    private static TokenizerDefinition ReadWordPiece(string path, FolderSettings settings)
    {
        var robertaPairs = false;
        switch (settings.Class)
        {
            case "" or "BertTokenizer" or "DistilBertTokenizer" or "ElectraTokenizer" or "MobileBertTokenizer" or "ConvBertTokenizer"
                or "PreTrainedTokenizerFast":
                break;
            case "MPNetTokenizer": robertaPairs = true; break;
            default: throw NotImplemented(settings, path);
        }
        var vocabulary = VocabularyFiles.ReadText(path);
        var defaults = robertaPairs
            ? new SpecialTokens { Bos = "<s>", Eos = "</s>", Cls = "<s>", Sep = "</s>", Unk = "[UNK]", Pad = "<pad>", Mask = "<mask>" }
            : new() { Unk = "[UNK]", Sep = "[SEP]", Pad = "[PAD]", Cls = "[CLS]", Mask = "[MASK]" };
        var special = WithDefaults(settings.Special, defaults);
        var lowercase = settings.Lowercase ?? true;
        return WordPieceBuilder.Build(
            path, vocabulary, lowercase, settings.StripAccents ?? lowercase, settings.ChineseCharacters ?? true, KnownTokens(settings, special, vocabulary),
            special, robertaPairs);
    }

    private static TokenizerDefinition ReadByteLevel(FolderSettings settings, string vocabJson, string mergesTxt)
    {
        if (!File.Exists(mergesTxt)) throw new SkTuningException($"{settings.Folder}: there is a vocab.json but no merges.txt, expected both files.");
        var vocabulary = VocabularyFiles.ReadJson(vocabJson);
        var merges = VocabularyFiles.ReadMerges(mergesTxt, vocabulary);
        var prefixSpace = settings.AddPrefixSpace ?? false;
        switch (settings.Class)
        {
            case "" or "GPT2Tokenizer" or "CodeGenTokenizer" or "PreTrainedTokenizerFast":
                var gpt2 = WithDefaults(settings.Special, new() { Bos = "<|endoftext|>", Eos = "<|endoftext|>", Unk = "<|endoftext|>" });
                var plain = ByteLevelBuilder.Build(
                    vocabJson, vocabulary, merges, ByteLevelBuilder.Gpt2(prefixSpace), KnownTokens(settings, gpt2, vocabulary), gpt2);
                if (settings.AddBos is not true) return plain;
                return plain with { PostProcessor = SentencePieceBuilder.Around(IdIn(plain, gpt2.Bos, settings), null) };
            case "RobertaTokenizer" or "LongformerTokenizer" or "BartTokenizer":
                var roberta = WithDefaults(settings.Special, RobertaTokens);
                var tokens = KnownTokens(settings, roberta, vocabulary).ConvertAll(t => WithLeftStrip(t, roberta.Mask, settings.Added));
                var definition = ByteLevelBuilder.Build(vocabJson, vocabulary, merges, ByteLevelBuilder.Gpt2(prefixSpace), tokens, roberta);
                var (sep, cls) = (IdIn(definition, roberta.Sep, settings), IdIn(definition, roberta.Cls, settings));
                return definition with { PostProcessor = ProcessorReader.Roberta(sep, cls, prefixSpace, trim: true) };
            case "Qwen2Tokenizer":
                var qwen = WithDefaults(settings.Special, new() { Eos = "<|endoftext|>", Unk = "<|endoftext|>", Pad = "<|endoftext|>" });
                return ByteLevelBuilder.Build(
                    vocabJson, vocabulary, merges, ByteLevelBuilder.Cuts(ByteLevelBuilder.Split(ByteLevelBuilder.Qwen2)),
                    KnownTokens(settings, qwen, vocabulary), qwen,
                    new UnicodeNormalizer(compose: true, compatible: false));
            default: throw NotImplemented(settings, vocabJson);
        }
    }

    private static TokenizerDefinition ReadSentencePiece(string path, FolderSettings settings)
    {
        var spec = SentencePieceFile.Read(path);
        var special = WithDefaults(settings.Special, new()
        {
            Bos = spec.TextOf(spec.Bos),
            Eos = spec.TextOf(spec.Eos),
            Pad = spec.TextOf(spec.Pad),
            Unk = spec.Pieces.FirstOrDefault(p => p.Kind == PieceKind.Unknown).Text,
        });
        var build = new SentencePieceSettings { Added = settings.Added, Special = special, PrefixOnlyAtStart = settings.Legacy is false };
        switch (settings.Class)
        {
            case "":
                // Without a class, a byte-pair model is assumed to be a Llama model, which puts the BOS token before a text.
                int? first = spec.IsBpe && spec.TextOf(spec.Bos) is not null ? spec.Bos : null;
                return SentencePieceBuilder.Build(spec, build with { Template = _ => SentencePieceBuilder.Around(first, null) });
            case "LlamaTokenizer" or "CodeLlamaTokenizer" or "GemmaTokenizer":
                return SentencePieceBuilder.Build(spec, build with
                {
                    Template = id => SentencePieceBuilder.Around(
                        settings.AddBos ?? true ? Need(id, special.Bos) : null, settings.AddEos ?? false ? Need(id, special.Eos) : null),
                });
            case "XLMRobertaTokenizer":
                return SentencePieceBuilder.Build(spec, XlmRoberta(build));
            case "T5Tokenizer":
                var extra = Enumerable.Range(0, settings.ExtraIds ?? 100).Reverse()
                    .Select(i => new AddedToken($"<extra_id_{i}>", false, true, true, false, true));
                return SentencePieceBuilder.Build(spec, build with
                {
                    LikeTransformers = true,
                    Added = [.. extra.Concat(settings.Added).DistinctBy(t => t.Content)],
                    Template = id => SentencePieceBuilder.Around(null, Need(id, special.Eos)),
                });
            case "AlbertTokenizer":
                var lower = settings.Lowercase ?? true;
                List<NormalizerStep> before =
                    [new ReplaceNormalizer(new Text.LiteralPattern("``"), "\""), new ReplaceNormalizer(new Text.LiteralPattern("''"), "\"")];
                if (settings.KeepAccents is not true) before.AddRange([new UnicodeNormalizer(compose: false, compatible: true), new StripAccentsNormalizer()]);
                if (lower) before.Add(new LowercaseNormalizer());
                var albert = WithDefaults(special, new() { Cls = "[CLS]", Sep = "[SEP]", Mask = "[MASK]", Pad = "<pad>" });
                return SentencePieceBuilder.Build(spec, build with
                {
                    LikeTransformers = true,
                    Special = albert,
                    Before = before,
                    Added = WithRoles(settings.Added, albert),
                    Template = id => Bert(Need(id, albert.Cls), Need(id, albert.Sep)),
                });
            default: throw NotImplemented(settings, path);
        }

        int Need(Func<string, int?> id, string? token)
            => token is not null && id(token) is { } found
                ? found
                : throw SkTuningException.BadFile(path, null, $"no token '{token}'", "the tokens that tokenizer_config.json names");
    }

    /// <summary>Returns the settings with XLM-RoBERTa's order of ids, special tokens and template.</summary>
    public static SentencePieceSettings XlmRoberta(SentencePieceSettings settings) => settings with
    {
        Fairseq = true,
        LikeTransformers = true,
        Special = RobertaTokens,
        Added = WithRoles(settings.Added, RobertaTokens).ConvertAll(t => WithLeftStrip(t, RobertaTokens.Mask, settings.Added)),
        Template = _ => ProcessorReader.Roberta(2, 0, prefixSpace: false, trim: false),
    };

    private static PostProcessor Bert(int cls, int sep) => new()
    {
        Single = [new(cls, 0, 0), new(-1, 0, 0), new(sep, 0, 0)],
        Pair = [new(cls, 0, 0), new(-1, 0, 0), new(sep, 0, 0), new(-1, 1, 1), new(sep, 0, 1)],
    };

    private static SpecialTokens WithDefaults(SpecialTokens named, SpecialTokens defaults) => new()
    {
        Bos = named.Bos ?? defaults.Bos, Eos = named.Eos ?? defaults.Eos, Pad = named.Pad ?? defaults.Pad, Unk = named.Unk ?? defaults.Unk,
        Cls = named.Cls ?? defaults.Cls, Sep = named.Sep ?? defaults.Sep, Mask = named.Mask ?? defaults.Mask,
    };

    /// <summary>Lets RoBERTa's mask include the white space before it, unless the settings define the token themselves.</summary>
    private static AddedToken WithLeftStrip(AddedToken token, string? mask, IReadOnlyList<AddedToken> defined)
        => token.Content == mask && defined.All(a => a.Content != mask) ? token with { LeftStrip = true } : token;

    /// <summary>Returns the tokens to search for in texts: those that the settings name, and the usual special tokens that the vocabulary contains.</summary>
    private static List<AddedToken> KnownTokens(FolderSettings settings, SpecialTokens special, Vocabulary vocabulary)
    {
        var named = settings.Added.ToHashSet();
        return [.. WithRoles(settings.Added, special).Where(t => named.Contains(t) || vocabulary.IdOf(t.Content) is not null)];
    }

    private static List<AddedToken> WithRoles(IReadOnlyList<AddedToken> added, SpecialTokens special)
    {
        var tokens = added.ToList();
        foreach (var content in new[] { special.Bos, special.Eos, special.Unk, special.Sep, special.Pad, special.Cls, special.Mask })
            if (content is not null && tokens.All(t => t.Content != content)) tokens.Add(new(content, false, false, false, false, true));
        return tokens;
    }

    private static int IdIn(TokenizerDefinition definition, string? token, FolderSettings settings)
        => token is not null && (definition.Added.IdOf(token) ?? definition.Model.Vocabulary.IdOf(token)) is { } id
            ? id
            : throw new SkTuningException($"{settings.Folder}: the vocabulary has no token '{token}', which tokenizer_config.json requires.");

    private static SkTuningException NotImplemented(FolderSettings settings, string path)
        => new(
            $"{settings.Folder}: tokenizer_class '{settings.Class}' with {Path.GetFileName(path)} is not implemented. " +
            "Save the tokenizer with transformers, which writes a tokenizer.json.");
}
