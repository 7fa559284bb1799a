using SkTuning.Tokenizers.AddedTokens;
using SkTuning.Tokenizers.Decoders;
using SkTuning.Tokenizers.Normalizers;
using SkTuning.Tokenizers.PreTokenizers;
using SkTuning.Tokenizers.Processors;
using SkTuning.Tokenizers.SubwordModels;

namespace SkTuning.Tokenizers.Sources;

/// <summary>The parts of a tokenizer, independent of the file they were read from.</summary>
internal sealed record TokenizerDefinition
{
    /// <summary>The file that the tokenizer was read from, for messages.</summary>
    public required string File { get; init; }
    public NormalizerStep? Normalizer { get; init; }
    public PreTokenizerStep? PreTokenizer { get; init; }
    public required SubwordModel Model { get; init; }
    public PostProcessor PostProcessor { get; init; } = PostProcessor.None;
    public DecoderStep? Decoder { get; init; }
    public required AddedVocabulary Added { get; init; }

    /// <summary>The truncation and padding that the file itself asks for. They are never applied unasked.</summary>
    public FileDefaults Defaults { get; init; } = new();

    /// <summary>The chat template of the model's settings, or null if there is none.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>The file and the entry that hold the chat template, for messages.</summary>
    public string ChatTemplateFile { get; init; } = "";
    public string ChatTemplateKey { get; init; } = "chat_template";

    /// <summary>The special tokens by role.</summary>
    public SpecialTokens Special { get; init; } = new();
}

/// <summary>The special tokens by role; null for a role without a token.</summary>
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
