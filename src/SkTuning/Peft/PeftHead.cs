using static TorchSharp.torch;

namespace SkTuning.Peft;

/// <summary>The trained head of a PEFT adapter; RoBERTa's has a dense layer before it. The tensors belong to no dispose scope.</summary>
/// <param name="Name">What transformers' classifier calls it, one of <see cref="Names"/>.</param>
/// <param name="Weight">[C,D].</param>
/// <param name="Bias">[C], where it has one.</param>
/// <param name="DenseWeight">[D,D] of classifier.dense.</param>
/// <param name="DenseBias">[D].</param>
internal sealed record PeftHead(string Name, Tensor Weight, Tensor? Bias, Tensor? DenseWeight = null, Tensor? DenseBias = null) : IDisposable
{
    public const string Score = "score", Classifier = "classifier", OutProjection = "classifier.out_proj";

    public static IReadOnlyList<string> Names { get; } = [Score, Classifier, OutProjection];

    /// <summary>How many labels it tells apart.</summary>
    public int Outputs => (int)Weight.shape[0];

    /// <summary>Its tensors by transformers' names.</summary>
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
