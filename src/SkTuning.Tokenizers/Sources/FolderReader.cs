using SkTuning.Tokenizers.AddedTokens;
using SkTuning.Tokenizers.Chat;
using SkTuning.Tokenizers.Normalizers;
using SkTuning.Tokenizers.Processors;
using SkTuning.Tokenizers.SubwordModels;
using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.Sources;

/// <summary>
/// Reads the tokenizer of a model folder, or one file of it. The first that is there counts: tokenizer.json; a SentencePiece model (tokenizer.model, spiece.model,
/// sentencepiece.bpe.model); vocab.json with merges.txt; vocab.txt. The settings files beside it say the rest.
/// </summary>
internal static class FolderReader
{
    private static readonly string[] SentencePieceNames = ["tokenizer.model", "spiece.model", "sentencepiece.bpe.model"];

    public static TokenizerDefinition Read(string path)
    {
        if (File.Exists(path)) return ReadFile(path);
        if (!Directory.Exists(path)) throw new SkTuningException($"{path}: there is no such folder or file. Expected a model folder, or a tokenizer's file.");
        var names = new[] { "tokenizer.json" }.Concat(SentencePieceNames).Concat(["vocab.json", "vocab.txt"]);
        var first = names.Select(n => Path.Combine(path, n)).FirstOrDefault(File.Exists);
        return first is not null ? ReadFile(first) : throw new SkTuningException($"{path}: no tokenizer is here, expected {string.Join(", ", names)} (with merges.txt beside vocab.json).");
    }

    private static TokenizerDefinition ReadFile(string path)
    {
        var settings = FolderSettings.Read(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var definition = Path.GetFileName(path) switch
        {
            "vocab.json" or "merges.txt" => ReadByteLevel(settings, Path.Combine(settings.Folder, "vocab.json"), Path.Combine(settings.Folder, "merges.txt")),
            var name when name.EndsWith(".json", StringComparison.Ordinal) => TokenizerJson.Read(path, settings),
            var name when name.EndsWith(".model", StringComparison.Ordinal) => ReadSentencePiece(path, settings),
            var name when name.EndsWith(".txt", StringComparison.Ordinal) => ReadWordPiece(path, settings),
            var name => throw new SkTuningException($"{path}: '{name}' is no tokenizer's file. Expected tokenizer.json, a SentencePiece .model, vocab.json with merges.txt, or vocab.txt."),
        };
        return definition with { ChatTemplate = settings.ChatTemplate };
    }

    private static TokenizerDefinition ReadWordPiece(string path, FolderSettings settings)
    {
        var robertaPairs = false;
        switch (settings.Class)
        {
            case "" or "BertTokenizer" or "DistilBertTokenizer" or "ElectraTokenizer" or "MobileBertTokenizer" or "ConvBertTokenizer" or "PreTrainedTokenizerFast": break;
            case "MPNetTokenizer": robertaPairs = true; break;
            default: throw NotImplemented(settings, path);
        }
        var vocabulary = VocabularyFiles.ReadText(path);
        var defaults = robertaPairs
            ? new SpecialTokens { Bos = "<s>", Eos = "</s>", Cls = "<s>", Sep = "</s>", Unk = "[UNK]", Pad = "<pad>", Mask = "<mask>" }
            : new() { Unk = "[UNK]", Sep = "[SEP]", Pad = "[PAD]", Cls = "[CLS]", Mask = "[MASK]" };
        var special = Or(settings.Special, defaults);
        var lowercase = settings.Lowercase ?? true;
        return WordPieceBuilder.Build(
            path, vocabulary, lowercase, settings.StripAccents ?? lowercase, settings.ChineseCharacters ?? true, Looked(settings, special, vocabulary), special, robertaPairs);
    }

    private static TokenizerDefinition ReadByteLevel(FolderSettings settings, string vocabJson, string mergesTxt)
    {
        if (!File.Exists(mergesTxt)) throw new SkTuningException($"{settings.Folder}: there is a vocab.json but no merges.txt, expected both.");
        var vocabulary = VocabularyFiles.ReadJson(vocabJson);
        var merges = VocabularyFiles.ReadMerges(mergesTxt, vocabulary);
        var prefixSpace = settings.AddPrefixSpace ?? false;
        switch (settings.Class)
        {
            case "" or "GPT2Tokenizer" or "CodeGenTokenizer" or "PreTrainedTokenizerFast":
                var gpt2 = Or(settings.Special, new() { Bos = "<|endoftext|>", Eos = "<|endoftext|>", Unk = "<|endoftext|>" });
                var plain = ByteLevelBuilder.Build(vocabulary, merges, ByteLevelBuilder.Gpt2(prefixSpace), Looked(settings, gpt2, vocabulary), gpt2);
                return settings.AddBos is true ? plain with { PostProcessor = SentencePieceBuilder.Around(IdIn(plain, gpt2.Bos, settings), null) } : plain;
            case "RobertaTokenizer" or "LongformerTokenizer" or "BartTokenizer":
                var roberta = Or(settings.Special, new() { Bos = "<s>", Eos = "</s>", Unk = "<unk>", Sep = "</s>", Pad = "<pad>", Cls = "<s>", Mask = "<mask>" });
                var tokens = Looked(settings, roberta, vocabulary).Select(t => t.Content == roberta.Mask && settings.Added.All(a => a.Content != t.Content) ? t with { LeftStrip = true } : t).ToList();
                var definition = ByteLevelBuilder.Build(vocabulary, merges, ByteLevelBuilder.Gpt2(prefixSpace), tokens, roberta);
                return definition with { PostProcessor = ProcessorReader.Roberta(IdIn(definition, roberta.Sep, settings), IdIn(definition, roberta.Cls, settings), prefixSpace, trim: true) };
            case "Qwen2Tokenizer":
                var qwen = Or(settings.Special, new() { Eos = "<|endoftext|>", Unk = "<|endoftext|>", Pad = "<|endoftext|>" });
                return ByteLevelBuilder.Build(
                    vocabulary, merges, ByteLevelBuilder.Cuts(ByteLevelBuilder.Split(ByteLevelBuilder.Qwen2)), Looked(settings, qwen, vocabulary), qwen, new UnicodeNormalizer(compose: true, compatible: false));
            default: throw NotImplemented(settings, vocabJson);
        }
    }

    private static TokenizerDefinition ReadSentencePiece(string path, FolderSettings settings)
    {
        var spec = SentencePieceFile.Read(path);
        var special = Or(settings.Special, new() { Bos = spec.TextOf(spec.Bos), Eos = spec.TextOf(spec.Eos), Pad = spec.TextOf(spec.Pad), Unk = spec.Pieces.FirstOrDefault(p => p.Kind == PieceKind.Unknown).Text });
        var build = new SentencePieceSettings { Added = settings.Added, Special = special, PrefixOnlyAtStart = settings.Legacy is false };
        switch (settings.Class)
        {
            case "":
                // Nobody says: a byte-pair model is of Llama's kind and begins with its first token, special tokens in a text are text.
                return SentencePieceBuilder.Build(spec, build with { Template = id => SentencePieceBuilder.Around(spec.IsBpe ? spec.Bos is >= 0 and var b && spec.TextOf(b) is not null ? b : null : null, null) });
            case "LlamaTokenizer" or "CodeLlamaTokenizer" or "GemmaTokenizer":
                return SentencePieceBuilder.Build(spec, build with { Template = id => SentencePieceBuilder.Around(settings.AddBos ?? true ? Need(id, special.Bos) : null, settings.AddEos ?? false ? Need(id, special.Eos) : null) });
            case "XLMRobertaTokenizer":
                return SentencePieceBuilder.Build(spec, XlmRoberta(build));
            case "T5Tokenizer":
                var extra = Enumerable.Range(0, settings.ExtraIds ?? 100).Reverse().Select(i => new AddedToken($"<extra_id_{i}>", false, true, true, false, true));
                return SentencePieceBuilder.Build(spec, build with { LikeTransformers = true, Added = [.. extra.Concat(settings.Added).DistinctBy(t => t.Content)], Template = id => SentencePieceBuilder.Around(null, Need(id, special.Eos)) });
            case "AlbertTokenizer":
                var lower = settings.Lowercase ?? true;
                List<NormalizerStep> before = [new ReplaceNormalizer(new Text.LiteralPattern("``"), "\""), new ReplaceNormalizer(new Text.LiteralPattern("''"), "\"")];
                if (settings.KeepAccents is not true) before.AddRange([new UnicodeNormalizer(compose: false, compatible: true), new StripAccentsNormalizer()]);
                if (lower) before.Add(new LowercaseNormalizer());
                var albert = Or(special, new() { Cls = "[CLS]", Sep = "[SEP]", Mask = "[MASK]", Pad = "<pad>" });
                return SentencePieceBuilder.Build(spec, build with { LikeTransformers = true, Special = albert, Before = before, Added = WithRoles(settings.Added, albert), Template = id => Bert(Need(id, albert.Cls), Need(id, albert.Sep)) });
            default: throw NotImplemented(settings, path);
        }

        int Need(Func<string, int?> id, string? token) => token is not null && id(token) is { } found ? found : throw SkTuningException.BadFile(path, null, $"no token '{token}'", "the tokens that tokenizer_config.json names");
    }

    /// <summary>XLM-RoBERTa's order of ids, tokens and template.</summary>
    public static SentencePieceSettings XlmRoberta(SentencePieceSettings settings)
    {
        var special = new SpecialTokens { Bos = "<s>", Eos = "</s>", Unk = "<unk>", Sep = "</s>", Pad = "<pad>", Cls = "<s>", Mask = "<mask>" };
        var roles = WithRoles(settings.Added, special).Select(t => t.Content == "<mask>" && settings.Added.All(a => a.Content != "<mask>") ? t with { LeftStrip = true } : t).ToList();
        return settings with { Fairseq = true, LikeTransformers = true, Special = special, Added = roles, Template = _ => new() { Single = [new(0, 0, 0), new(-1, 0, 0), new(2, 0, 0)], Pair = [new(0, 0, 0), new(-1, 0, 0), new(2, 0, 0), new(2, 0, 0), new(-1, 1, 0), new(2, 0, 0)] } };
    }

    private static PostProcessor Bert(int cls, int sep)
        => new() { Single = [new(cls, 0, 0), new(-1, 0, 0), new(sep, 0, 0)], Pair = [new(cls, 0, 0), new(-1, 0, 0), new(sep, 0, 0), new(-1, 1, 1), new(sep, 0, 1)] };

    private static SpecialTokens Or(SpecialTokens said, SpecialTokens defaults) => new()
    {
        Bos = said.Bos ?? defaults.Bos, Eos = said.Eos ?? defaults.Eos, Pad = said.Pad ?? defaults.Pad, Unk = said.Unk ?? defaults.Unk,
        Cls = said.Cls ?? defaults.Cls, Sep = said.Sep ?? defaults.Sep, Mask = said.Mask ?? defaults.Mask,
    };

    /// <summary>The tokens looked for in texts: those the settings name, and the usual ones that the vocabulary has.</summary>
    private static List<AddedToken> Looked(FolderSettings settings, SpecialTokens special, Vocabulary vocabulary)
        => [.. WithRoles(settings.Added, special).Where(t => settings.Added.Contains(t) || vocabulary.IdOf(t.Content) is not null)];

    private static List<AddedToken> WithRoles(IReadOnlyList<AddedToken> added, SpecialTokens special)
    {
        var tokens = added.ToList();
        foreach (var content in new[] { special.Bos, special.Eos, special.Unk, special.Sep, special.Pad, special.Cls, special.Mask })
            if (content is not null && tokens.All(t => t.Content != content)) tokens.Add(new(content, false, false, false, false, true));
        return tokens;
    }

    private static int IdIn(TokenizerDefinition definition, string? token, FolderSettings settings)
        => token is not null && (definition.Added.IdOf(token) ?? definition.Model.Vocabulary.IdOf(token)) is { } id ? id : throw new SkTuningException($"{settings.Folder}: the vocabulary has no token '{token}', which tokenizer_config.json needs.");

    private static SkTuningException NotImplemented(FolderSettings settings, string path)
        => new($"{settings.Folder}: tokenizer_class '{settings.Class}' with {Path.GetFileName(path)} is not implemented. Use the folder's tokenizer.json, which transformers writes when it saves the tokenizer.");
}
