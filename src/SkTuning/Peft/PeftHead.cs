using static TorchSharp.torch;

namespace SkTuning.Peft;

/// <summary>The trained head of a PEFT adapter. RoBERTa's has a dense layer before it. The tensors do not belong to a dispose scope.</summary>
/// <param name="Name">The name in transformers' classifier, one of <see cref="Names"/>.</param>
/// <param name="Weight">[C,D].</param>
/// <param name="Bias">[C]; null if there is none.</param>
/// <param name="DenseWeight">The weight of classifier.dense, [D,D]; null if there is none.</param>
/// <param name="DenseBias">The bias of classifier.dense, [D].</param>
internal sealed record PeftHead(string Name, Tensor Weight, Tensor? Bias, Tensor? DenseWeight = null, Tensor? DenseBias = null) : IDisposable
{
    public const string Score = "score", Classifier = "classifier", OutProjection = "classifier.out_proj";

    public static IReadOnlyList<string> Names { get; } = [Score, Classifier, OutProjection];

    /// <summary>The number of labels.</summary>
    public int Outputs => (int)Weight.shape[0];

    /// <summary>The tensors by their names in transformers.</summary>
    public IEnumerable<(string Name, Tensor Value)> Tensors
    {
        get
        {
            yield return (Name + ".weight", Weight);
            if (Bias is not null) yield return (Name + ".bias", Bias);
            if (DenseWeight is not null) yield return ("classifier.dense.weight", DenseWeight);
            if (DenseBias is not null) yield return ("classifier.dense.bias", DenseBias);
        }
    }

    public void Dispose()
    {
        foreach (var (_, value) in Tensors) value.Dispose();
    }
}
