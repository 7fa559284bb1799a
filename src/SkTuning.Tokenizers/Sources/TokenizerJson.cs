using System.Text.Json;
using SkTuning.Tokenizers.AddedTokens;
using SkTuning.Tokenizers.PreTokenizers;
using SkTuning.Tokenizers.SubwordModels;

namespace SkTuning.Tokenizers.Sources;

/// <summary>Reads a tokenizer.json, the file of the Hugging Face tokenizers library.</summary>
internal static class TokenizerJson
{
    private const long MaxBytes = 256L << 20;

    /// <summary>Reads the file. The settings of its folder take precedence, as in transformers.</summary>
    public static TokenizerDefinition Read(string path, FolderSettings? settings = null)
    {
        using var json = Parse(path);
        return Read(new JsonPart(path, "", json.RootElement), settings);
    }

    /// <summary>Reads a file of a tokenizer.</summary>
    public static byte[] ReadBytes(string path)
    {
        InputFile.RequireRegular(path);
        if (new FileInfo(path) is { Exists: true, Length: > MaxBytes and var length })
            throw SkTuningException.BadFile(path, null, $"{length} bytes", $"at most {MaxBytes}");
        return InputFile.ReadAllBytes(path);
    }

    public static JsonDocument Parse(string path)
    {
        var bytes = ReadBytes(path);
        try
        {
            var json = JsonDocument.Parse(bytes);
            JsonInput.RequireUnicode(bytes.AsSpan().TrimStart("\uFEFF"u8), path);
            return json;
        }
        catch (JsonException e)
        {
            throw SkTuningException.BadFile(path, null, $"invalid or truncated JSON at line {e.LineNumber + 1}", "a JSON file", "The file is damaged.", e);
        }
    }

    public static TokenizerDefinition Read(JsonPart root, FolderSettings? settings = null)
    {
        if (root.String("version", "1.0") is var version and not "1.0") throw root.NotImplemented("version", version);
        var normalizer = root.OptionalPart("normalizer") is { } n ? NormalizerReader.Read(n, settings) : null;
        var preTokenizer = root.OptionalPart("pre_tokenizer") is { } p ? PreTokenizerReader.Read(p, settings) : null;
        var model = ModelReader.Read(root.Part("model"), onBytes: EndsInBytes(preTokenizer));
        if (model is BpeModel { OnBytes: true }) preTokenizer = LeaveBytesToModel(preTokenizer!);
        // The tokens that the settings name are added if the file does not contain them.
        var added = new TokenTable(root.Has("added_tokens") ? root.Parts("added_tokens").Select(ReadAdded) : []);
        foreach (var token in settings?.Added ?? []) added.Add(token);
        var definition = new TokenizerDefinition
        {
            File = root.File,
            Normalizer = normalizer,
            PreTokenizer = preTokenizer,
            Model = model,
            PostProcessor = root.OptionalPart("post_processor") is { } pp ? ProcessorReader.Read(pp) : Processors.PostProcessor.None,
            Decoder = root.OptionalPart("decoder") is { } d ? DecoderReader.Read(d) : null,
            Added = new AddedVocabulary(added.Tokens, model.Vocabulary, normalizer, root.File),
            Defaults = DefaultsReader.Read(root),
        };
        root.Done();
        return settings is null ? definition : WithSettings(definition, settings);
    }

    /// <summary>
    /// Applies the folder's settings. The classes of Llama and Gemma replace the template according to add_bos_token and add_eos_token; other classes keep the
    /// template of the file.
    /// </summary>
    private static TokenizerDefinition WithSettings(TokenizerDefinition definition, FolderSettings settings)
    {
        definition = definition with { Special = settings.Special };
        if (!settings.ClassIsNamed || settings.Class is not ("LlamaTokenizer" or "CodeLlamaTokenizer" or "GemmaTokenizer")) return definition;
        if (settings.AddBos is null && settings.AddEos is null && settings.Special.Bos is null) return definition;
        var bos = settings.AddBos ?? true ? IdOf(settings.Special.Bos, "bos_token") : null;
        var eos = settings.AddEos ?? false ? IdOf(settings.Special.Eos, "eos_token") : null;
        return definition with { PostProcessor = SentencePieceBuilder.Around(bos, eos) };

        int? IdOf(string? token, string role)
        {
            if (token is not null && (definition.Added.IdOf(token) ?? definition.Model.Vocabulary.IdOf(token)) is { } id) return id;
            var file = Path.Combine(settings.Folder, "tokenizer_config.json");
            throw SkTuningException.BadFile(file, role, token is null ? "missing" : $"'{token}'", "a token of the vocabulary");
        }
    }

    private static AddedToken ReadAdded(JsonPart part)
    {
        part.Int("id", 0, Vocabulary.LargestId, orElse: 0);
        var token = new AddedToken(
            part.String("content"), part.Bool("single_word", false), part.Bool("lstrip", false), part.Bool("rstrip", false), part.Bool("normalized", true),
            part.Bool("special", false));
        part.Done();
        return token;
    }

    /// <summary>Determines whether the last step of pre-tokenization writes the bytes of a piece as characters, and no earlier step does.</summary>
    private static bool EndsInBytes(PreTokenizerStep? step) => step switch
    {
        ByteLevelPreTokenizer => true,
        PreTokenizerSequence { Steps: [.. var before, ByteLevelPreTokenizer] } => !before.Any(s => s is ByteLevelPreTokenizer),
        _ => false,
    };

    private static PreTokenizerStep LeaveBytesToModel(PreTokenizerStep step) => step switch
    {
        ByteLevelPreTokenizer b => b.WithoutBytes(),
        PreTokenizerSequence { Steps: [.. var before, ByteLevelPreTokenizer b] } => new PreTokenizerSequence([.. before, b.WithoutBytes()]),
        _ => step,
    };
}
