namespace SkTuning.Data;

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

    /// <summary>The text was too long and lost a part.</summary>
    public bool WasCut { get; init; }

    /// <summary>How many answers it has.</summary>
    public int Answers => Places?.Length ?? 1;
}
