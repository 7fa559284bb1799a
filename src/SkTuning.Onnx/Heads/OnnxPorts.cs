namespace SkTuning.Onnx.Heads;

/// <summary>The names of a graph's inputs and outputs beside those of tokens.</summary>
internal static class OnnxPorts
{
    /// <summary>The tokens that have an answer, as indices into all tokens of a batch row by row, [answers] int64.</summary>
    public const string AnswerIndices = "answer_indices";

    /// <summary>The scores of the labels, [answers, C].</summary>
    public const string Scores = "scores";

    /// <summary>The states that distances between rows are computed from, [batch, D].</summary>
    public const string Features = "features";
}
