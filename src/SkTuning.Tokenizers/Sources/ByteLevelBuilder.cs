using SkTuning.Tokenizers.AddedTokens;
using SkTuning.Tokenizers.Decoders;
using SkTuning.Tokenizers.Normalizers;
using SkTuning.Tokenizers.PreTokenizers;
using SkTuning.Tokenizers.Processors;
using SkTuning.Tokenizers.SubwordModels;

namespace SkTuning.Tokenizers.Sources;

/// <summary>Builds byte-level BPE tokenizers from a vocabulary, merges and a pre-tokenizer.</summary>
internal static class ByteLevelBuilder
{
    /// <summary>Qwen 2's expression.</summary>
    public const string Qwen2 = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>Llama 3's expression.</summary>
    public const string Llama3 = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>Returns GPT-2's pre-tokenizer: one expression, with an optional space at the start.</summary>
    public static PreTokenizerStep Gpt2(bool prefixSpace = false) => new ByteLevelPreTokenizer(prefixSpace, useRegex: true, writeBytes: false);

    /// <summary>Returns the splitting steps, followed by the byte-level step.</summary>
    public static PreTokenizerStep Cuts(params PreTokenizerStep[] steps)
        => new PreTokenizerSequence([.. steps, new ByteLevelPreTokenizer(false, useRegex: false, writeBytes: false)]);

    /// <summary>Returns a split by an expression in which each match, and the text between two matches, is a piece.</summary>
    public static PreTokenizerStep Split(string expression) => new SplitPreTokenizer(PatternReader.Of(expression), SplitBehavior.Isolated, invert: false);

    public static TokenizerDefinition Build(
        string file, Vocabulary vocabulary, MergeTable merges, PreTokenizerStep cuts, IReadOnlyList<AddedToken> added, SpecialTokens special,
        NormalizerStep? normalizer = null, bool ignoreMerges = false)
        => new()
        {
            File = file,
            Normalizer = normalizer,
            PreTokenizer = cuts,
            Model = new BpeModel(vocabulary, merges, new() { IgnoreMerges = ignoreMerges }, onBytes: true),
            Decoder = new ByteLevelDecoder(),
            Added = new AddedVocabulary(added, vocabulary, normalizer, file),
            Special = special,
            PostProcessor = PostProcessor.None,
        };
}
