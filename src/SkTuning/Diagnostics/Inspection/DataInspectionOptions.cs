using SkTuning.Tokenizers;

namespace SkTuning.Diagnostics;

/// <summary>Options for the inspection of rows.</summary>
public sealed record DataInspectionOptions
{
    /// <summary>The tokenizer of the model to be tuned, for statistics of lengths and unknown tokens. The default is null: no statistics.</summary>
    public TextTokenizer? Tokenizer { get; init; }

    /// <summary>
    /// The maximum number of tokens per text that the model will read, including special tokens, at least 1. Longer texts are counted as truncated. The
    /// default is null: no limit.
    /// </summary>
    public int? MaxTokens { get; init; }

    /// <summary>Other parts of the data to compare with, such as dev and test, each with its own name. The default is none.</summary>
    public IReadOnlyList<(string Name, IEnumerable<Row> Rows)> Against { get; init; } = [];
}
