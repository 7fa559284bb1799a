namespace SkTuning.Batches;

/// <summary>A row as the model reads it, with what should come out.</summary>
/// <param name="Ids">Its tokens, T of them.</param>
internal sealed record EncodedRow(int[] Ids)
{
    /// <summary>Token types of a pair, [T]; null: all 0.</summary>
    public int[]? TypeIds { get; init; }

    /// <summary>The places of tokens that have an answer each, in ascending order; null: the row has one answer.</summary>
    public int[]? Places { get; init; }

    /// <summary>The class of each answer.</summary>
    public int[] Classes { get; init; } = [];

    /// <summary>In place of classes: 0 or 1 for each label, or the one number to be told.</summary>
    public float[] Values { get; init; } = [];

    /// <summary>What it was made of, for people.</summary>
    public RowSource? Source { get; init; }

    /// <summary>The text was too long and lost a part.</summary>
    public bool WasTruncated { get; init; }

    /// <summary>The windows in which a long text is read, each a row of its own, the first with these same tokens; null: there is one.</summary>
    public EncodedRow[]? Windows { get; init; }

    /// <summary>Tokens of the text that stand before this window.</summary>
    public int Skipped { get; init; }

    /// <summary>The sequences that go through the model: the windows, or the row itself.</summary>
    public IReadOnlyList<EncodedRow> Sequences => Windows ?? [this];

    /// <summary>Tokens of all sequences.</summary>
    public int Tokens => Windows?.Sum(w => w.Ids.Length) ?? Ids.Length;

    /// <summary>How many answers it has.</summary>
    public int Answers => Places?.Length ?? 1;
}

/// <summary>The text, pair or words of a row.</summary>
/// <param name="Text">The text; words with a space between them.</param>
/// <param name="Text2">The second of a pair.</param>
/// <param name="Words">Words that were given as such.</param>
/// <param name="Kept">Which of them have a place in the row.</param>
internal sealed record RowSource(string Text, string? Text2 = null, IReadOnlyList<string>? Words = null, IReadOnlyList<int>? Kept = null);
