namespace SkTuning.Batches;

/// <summary>A row as the model reads it, with the right answers.</summary>
/// <param name="Ids">The tokens, [T].</param>
internal sealed record EncodedRow(int[] Ids)
{
    /// <summary>The token types of a pair, [T]; null if all are 0.</summary>
    public int[]? TypeIds { get; init; }

    /// <summary>The positions of the tokens that have an answer each, in ascending order; null if the row has one answer.</summary>
    public int[]? AnswerPositions { get; init; }

    /// <summary>The class of each answer.</summary>
    public int[] Classes { get; init; } = [];

    /// <summary>In place of classes: 0 or 1 for each label, or the one value of a regression.</summary>
    public double[] Values { get; init; } = [];

    /// <summary>The texts of the row, for output.</summary>
    public RowSource? Source { get; init; }

    /// <summary>The group that the row belongs to, which a cross-validation keeps together; null if it belongs to none.</summary>
    public string? Group { get; init; }

    /// <summary>The text was truncated.</summary>
    public bool WasTruncated { get; init; }

    /// <summary>
    /// The windows in which a long text is read, each a row of its own, the first with the same tokens as this row; null if there is only one.
    /// </summary>
    public EncodedRow[]? Windows { get; init; }

    /// <summary>The number of tokens of the text before this window.</summary>
    public int Skipped { get; init; }

    /// <summary>The sequences that go through the model: the windows, or the row itself.</summary>
    public IReadOnlyList<EncodedRow> Sequences => Windows ?? [this];

    /// <summary>The number of tokens of all sequences.</summary>
    public int Tokens => Windows?.Sum(w => w.Ids.Length) ?? Ids.Length;

    /// <summary>The number of answers.</summary>
    public int Answers => AnswerPositions?.Length ?? 1;
}
