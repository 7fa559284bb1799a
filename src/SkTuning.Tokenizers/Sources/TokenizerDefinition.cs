using SkTuning.Tokenizers.AddedTokens;
using SkTuning.Tokenizers.Decoders;
using SkTuning.Tokenizers.Normalizers;
using SkTuning.Tokenizers.PreTokenizers;
using SkTuning.Tokenizers.Processors;
using SkTuning.Tokenizers.SubwordModels;

namespace SkTuning.Tokenizers.Sources;

/// <summary>A tokenizer's parts, whatever file they were read from.</summary>
internal sealed record TokenizerDefinition
{
    public NormalizerStep? Normalizer { get; init; }
    public PreTokenizerStep? PreTokenizer { get; init; }
    public required SubwordModel Model { get; init; }
    public PostProcessor PostProcessor { get; init; } = PostProcessor.None;
    public DecoderStep? Decoder { get; init; }
    public required AddedVocabulary Added { get; init; }

    /// <summary>What the file itself asks for when a text is too long; never applied unasked.</summary>
    public EncodeOptions Defaults { get; init; } = EncodeOptions.Default;

    /// <summary>The chat template that tokenizer_config.json holds, if any.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>Which token is what.</summary>
    public SpecialTokens Special { get; init; } = new();
}

/// <summary>Which token plays which part; null where none does.</summary>
internal sealed record SpecialTokens
{
    public string? Bos { get; init; }
    public string? Eos { get; init; }
    public string? Pad { get; init; }
    public string? Unk { get; init; }
    public string? Cls { get; init; }
    public string? Sep { get; init; }
    public string? Mask { get; init; }
}
