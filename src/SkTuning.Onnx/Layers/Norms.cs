using System.Globalization;
using SkTuning.Models;
using SkTuning.Native;
using SkTuning.Onnx.Format;
using SkTuning.Onnx.Graphs;
using static TorchSharp.torch;

namespace SkTuning.Onnx.Layers;

/// <summary>Norms over the last dimension, as in <see cref="FrozenNorm"/>.</summary>
internal sealed class Norms(GraphBuilder graph, Weights weights)
{
    /// <summary>Adds a layer norm without weight and bias.</summary>
    public Value Plain(Value x, long size, float epsilon) => Apply(NormTrait.Layer(epsilon) with { Affine = false }, "", x, size);

    /// <summary>Adds a norm.</summary>
    /// <param name="trait">The kind of norm.</param>
    /// <param name="name">The name without ".weight"; with {0}, a norm for each head.</param>
    /// <param name="x">The values.</param>
    /// <param name="shape">The shape of the weight, whose last dimension is normalized.</param>
    public Value Apply(NormTrait trait, string name, Value x, params long[] shape)
    {
        var size = shape[^1];
        var (weight, bias) = (trait.Affine ? Values(".weight") : null, trait.Affine && trait.Bias ? Values(".bias") : null);
        var isVector = shape.Length == 1;
        var scale = isVector && weight is { } own ? own : graph.Constant($"ones.{size}", ElementType.Float, [size],
            GraphBuilder.Bytes<float>([.. Enumerable.Repeat(1f, (int)size)]));
        NodeAttribute[] attributes = [new("axis", Integer: -1), new("epsilon", Number: trait.Epsilon)];
        var normed = trait.Kind == NormKind.Layer
            ? graph.Operation("LayerNormalization", isVector && bias is { } added ? [x, scale, added] : [x, scale], attributes)
            : graph.Operation("RMSNormalization", [x, scale], attributes);
        if (isVector) return normed;
        if (weight is { } each) normed *= each;
        return bias is { } last ? normed + last : normed;

        Value? Values(string end) => weights.Exact(name + end, () => Read(end), shape);

        Tensor Read(string end)
        {
            if (name.Contains("{0}")) return stack([.. Enumerable.Range(0, (int)shape[0]).Select(h => weights[Name(h) + end].Exact())]);
            var values = weights[name + end].Exact();
            return trait.AddsOne && end == ".weight" ? values.Plus(1.Kept()) : values;
        }

        string Name(int head) => string.Format(CultureInfo.InvariantCulture, name, head);
    }
}
