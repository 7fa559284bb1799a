using SkTuning.Batches;
using SkTuning.Heads;
using SkTuning.Models;
using SkTuning.Onnx.Graphs;
using SkTuning.Onnx.Layers;
using static TorchSharp.torch;

namespace SkTuning.Onnx.Heads;

/// <summary>Everything that a head needs to be written.</summary>
/// <param name="Model">The graph.</param>
/// <param name="Transformer">The frozen model.</param>
/// <param name="Parameters">The adapter's tensors.</param>
/// <param name="AnswersAtPositions">The graph has an input with the tokens that have an answer.</param>
internal sealed record HeadInputs(ModelGraph Model, Transformer Transformer, ParameterSet Parameters, bool AnswersAtPositions)
{
    public GraphBuilder Graph => Model.Graph;

    /// <summary>Gets a tensor of the adapter as a constant.</summary>
    public Value Tensor(string name) => Model.Weights.Adapter(name, () => Parameters[name].detach(), Parameters[name].shape);

    /// <summary>Gets a number of the adapter, [] fp32.</summary>
    public Value Number(string name, double value) => Model.Weights.Adapter(name, () => tensor((float)value), []);

    /// <summary>Adds a linear of the head, in fp32.</summary>
    public Value Linear(string name, Value x, Func<Tensor> weight, Func<Tensor>? bias, long inputs, long outputs)
    {
        var product = x.Product(Model.Weights.Adapter(name + ".weight", () => weight().t(), [inputs, outputs], [null, "labels"]));
        return bias is null ? product : product + Model.Weights.Adapter(name + ".bias", bias, [outputs], ["labels"]);
    }

    /// <summary>Adds a linear of the adapter.</summary>
    public Value Linear(string weight, string? bias, Value x)
    {
        var shape = Parameters[weight].shape;
        return Linear(weight[..weight.LastIndexOf('.')], x, () => Parameters[weight].detach(), bias is null ? null : () => Parameters[bias].detach(),
            shape[1], shape[0]);
    }
}

/// <summary>Writes one kind of head.</summary>
internal abstract class HeadGraph
{
    /// <summary>Every kind. The first that knows a head writes it.</summary>
    public static IReadOnlyList<HeadGraph> All { get; } =
    [
        new SemanticGraph(), new PrototypesGraph(), new OrdinalGraph(), new LabelTextsGraph(), new LabelWordsGraph(), new HuggingFaceGraph(),
        new LayerMixGraph(), new LTuningGraph(), new LinearGraph(),
    ];

    /// <summary>Returns the writer of a head.</summary>
    /// <exception cref="SkTuningException">The head cannot be written.</exception>
    public static HeadGraph Of(Head head) => All.FirstOrDefault(g => g.Knows(head))
        ?? throw new SkTuningException("The head of this adapter cannot be exported to ONNX, such as likelihood, which reads each text once for each answer. "
            + "Train with another head, such as semantic or linear.");

    /// <summary>Returns whether this writes a head.</summary>
    public abstract bool Knows(Head head);

    /// <summary>The number of times that each text is read, with an entry of the injection each.</summary>
    public virtual int Copies(Head head) => 1;

    /// <summary>Adds the head's features, [M,..].</summary>
    public abstract Value Features(Head head, HeadInputs inputs);

    /// <summary>Adds the scores, [M,C].</summary>
    public abstract Value Scores(Head head, Value features, HeadInputs inputs);
}
