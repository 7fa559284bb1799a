using SkTuning.Tokenizers;

namespace SkTuning.Diagnostics;

/// <summary>What rows are looked at with.</summary>
public sealed record DataInspectionOptions
{
    /// <summary>The tokenizer of the model to be tuned: lengths and unknown tokens are told. Default: null, they are not.</summary>
    public TextTokenizer? Tokenizer { get; init; }

    /// <summary>The most tokens of a text that the model will read, special tokens included; longer ones are counted as cut. Default: null, none is.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Other parts to compare with, such as dev and test, each under its own name. Default: none.</summary>
    public IReadOnlyList<(string Name, IEnumerable<Row> Rows)> Against { get; init; } = [];
}
