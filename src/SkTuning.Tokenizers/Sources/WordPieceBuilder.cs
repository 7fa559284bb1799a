using SkTuning.Tokenizers.AddedTokens;
using SkTuning.Tokenizers.Decoders;
using SkTuning.Tokenizers.Normalizers;
using SkTuning.Tokenizers.PreTokenizers;
using SkTuning.Tokenizers.Processors;
using SkTuning.Tokenizers.SubwordModels;

namespace SkTuning.Tokenizers.Sources;

/// <summary>Builds BERT's tokenizer from a vocabulary.</summary>
internal static class WordPieceBuilder
{
    private const int MaxWordLength = 100;

    public static TokenizerDefinition Build(
        string file, Vocabulary vocabulary, bool lowercase, bool stripAccents, bool chinese, IReadOnlyList<AddedToken> added, SpecialTokens special,
        bool robertaPairs = false)
    {
        var normalizer = new BertNormalizer(clean: true, chinese, stripAccents, lowercase);
        var tokens = new AddedVocabulary(added, vocabulary, normalizer, file);
        var (cls, sep) = (Id(special.Cls, "cls_token"), Id(special.Sep, "sep_token"));
        var single = new TemplatePlace[] { new(cls, 0, 0), new(-1, 0, 0), new(sep, 0, 0) };
        return new()
        {
            File = file,
            Normalizer = normalizer,
            PreTokenizer = new BertPreTokenizer(),
            Model = new WordPieceModel(
                vocabulary, vocabulary.IdOf(special.Unk ?? "[UNK]") ?? throw Missing(special.Unk, "unk_token"), "##", MaxWordLength),
            PostProcessor = robertaPairs
                ? new() { Single = single, Pair = [.. single, new(sep, 0, 0), new(-1, 1, 0), new(sep, 0, 0)] }
                : new() { Single = single, Pair = [.. single, new(-1, 1, 1), new(sep, 0, 1)] },
            Decoder = new WordPieceDecoder("##", cleanup: true),
            Added = tokens,
            Special = special,
        };

        int Id(string? token, string role) => token is not null && (tokens.IdOf(token) ?? vocabulary.IdOf(token)) is { } id ? id : throw Missing(token, role);

        SkTuningException Missing(string? token, string role)
            => SkTuningException.BadFile(
                file, role, token is null ? "missing" : $"'{token}'", "a token of the vocabulary", $"Set {role} in tokenizer_config.json.");
    }
}
