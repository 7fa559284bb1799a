using SkTuning.Models;
using SkTuning.Onnx.Format;
using SkTuning.Onnx.Graphs;

namespace SkTuning.Onnx.Layers;

/// <summary>Activations, as in <see cref="Activations"/>.</summary>
internal static class Activate
{
    public static Value Of(Activation activation, Value x) => activation switch
    {
        Activation.Gelu => x.To("Gelu"),
        Activation.GeluTanh => x.To("Gelu", new NodeAttribute("approximate", Text: "tanh")),
        Activation.Relu => x.To("Relu"),
        Activation.Silu => x * x.To("Sigmoid"),
        Activation.ReluSquared => Squared(x.To("Relu")),
        Activation.QuickGelu => x * (x * 1.702).To("Sigmoid"),
        Activation.Tanh => x.To("Tanh"),
        _ => throw new SkTuningException($"The activation {activation} cannot be exported."),
    };

    private static Value Squared(Value x) => x * x;
}
