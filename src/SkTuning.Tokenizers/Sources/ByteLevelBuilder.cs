using SkTuning.Tokenizers.AddedTokens;
using SkTuning.Tokenizers.Decoders;
using SkTuning.Tokenizers.Normalizers;
using SkTuning.Tokenizers.PreTokenizers;
using SkTuning.Tokenizers.Processors;
using SkTuning.Tokenizers.SubwordModels;

namespace SkTuning.Tokenizers.Sources;

/// <summary>Byte-level BPE tokenizers from their vocabulary and merges, by the way they cut texts.</summary>
internal static class ByteLevelBuilder
{
    /// <summary>Qwen 2's expression.</summary>
    public const string Qwen2 = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>Llama 3's expression.</summary>
    public const string Llama3 = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>GPT-2's way: one expression, a space in front if asked for.</summary>
    public static PreTokenizerStep Gpt2(bool prefixSpace = false) => new ByteLevelPreTokenizer(prefixSpace, useRegex: true, writeBytes: false);

    /// <summary>Steps that cut, then bytes.</summary>
    public static PreTokenizerStep Cuts(params PreTokenizerStep[] steps) => new PreTokenizerSequence([.. steps, new ByteLevelPreTokenizer(false, useRegex: false, writeBytes: false)]);

    /// <summary>A cut by an expression, each match and what is between them a piece.</summary>
    public static PreTokenizerStep Split(string expression) => new SplitPreTokenizer(PatternReader.Of(expression), SplitBehavior.Isolated, invert: false);

    public static TokenizerDefinition Build(
        Vocabulary vocabulary, MergeTable merges, PreTokenizerStep cuts, IReadOnlyList<AddedToken> added, SpecialTokens special, NormalizerStep? normalizer = null, bool ignoreMerges = false)
        => new()
        {
            Normalizer = normalizer,
            PreTokenizer = cuts,
            Model = new BpeModel(vocabulary, merges, new() { IgnoreMerges = ignoreMerges }, onBytes: true),
            Decoder = new ByteLevelDecoder(),
            Added = new AddedVocabulary(added, vocabulary, normalizer),
            Special = special,
            PostProcessor = PostProcessor.None,
        };
}
