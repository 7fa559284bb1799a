using SkTuning.Models;
using SkTuning.Onnx.Format;
using SkTuning.Onnx.Graphs;

namespace SkTuning.Onnx.Layers;

/// <summary>Rotary positions, as in <see cref="Rotary"/>: cos and sin of the positions, [R,1,S,Size], which layers with the same trait share.</summary>
internal sealed class Rotation
{
    private readonly RotaryTrait _trait;
    private readonly Value _cos, _sin;

    public Rotation(Sequence sequence, RotaryTrait trait, int number)
    {
        _trait = trait;
        var graph = sequence.Graph;
        using var scope = graph.Within($"rotary.{number}");
        var (frequencies, factor) = Frequencies(sequence, trait, number);                                       // [half], or [R,1,half]
        var angles = sequence.Positions.Cast(ElementType.Float).Unsqueeze(2) * frequencies;
        angles = trait.Interleaved ? graph.Concat(3, angles.Unsqueeze(3), angles.Unsqueeze(3)).Reshape(0, 0, trait.Size) : graph.Concat(2, angles, angles);
        var (cos, sin) = (angles.To("Cos"), angles.To("Sin"));
        if (factor != 1) (cos, sin) = (cos * factor, sin * factor);
        (_cos, _sin) = (cos.Unsqueeze(1), sin.Unsqueeze(1));
    }

    /// <summary>Rotates the first values of each head: x [R,H,S,Dh].</summary>
    public Value Rotate(Value x, int size)
    {
        if (size == _trait.Size) return RotateAll(x);
        return x.Graph.Concat(3, RotateAll(x.Slice(3, 0, _trait.Size)), x.Slice(3, _trait.Size));
    }

    private Value RotateAll(Value x) => x * _cos + Swapped(x) * _sin;

    private Value Swapped(Value x)
    {
        var half = _trait.Size / 2;
        if (!_trait.Interleaved) return x.Graph.Concat(3, -x.Slice(3, half, _trait.Size), x.Slice(3, 0, half));
        var heads = x.Reshape(x.Graph.Concat(0, x.Size(0), x.Size(1), x.Size(2), x.Graph.Integers(half, 2)));
        return x.Graph.Concat(4, -heads.Slice(4, 1, 2), heads.Slice(4, 0, 1)).Reshape(x.To("Shape"));
    }

    private static (Value Frequencies, double Factor) Frequencies(Sequence sequence, RotaryTrait trait, int number)
    {
        var graph = sequence.Graph;
        var (plain, factor) = trait.For(0);
        if (!trait.Scaling.DependsOnLength) return (Constant("frequencies", plain), factor);
        // The length of a row, prefix included: its highest position plus one.
        var length = sequence.Positions.Max(1, keep: true) + graph.Whole(1);                                    // [R,1]
        switch (trait.Scaling)
        {
            case LongScaling scaling:
                var isLong = graph.Operation("Greater", [length, graph.Whole(scaling.Original)]).Unsqueeze(2);
                return (graph.Where(isLong, Constant("long", trait.For(scaling.Original + 1L).Frequencies), Constant("short", plain)), factor);
            case DynamicScaling scaling:
                // theta·(factor·length / original - (factor - 1))^(size / (size - 2)), in double precision; 1 within the original context.
                var over = length.AtLeast(graph.Whole(scaling.Original)).Cast(ElementType.Double) * Double("over", scaling.Factor / scaling.Original)
                    - Double("less", scaling.Factor - 1);
                var grown = graph.Operation("Pow", [over, Double("power", trait.Size / (trait.Size - 2.0))]) * Double("theta", trait.Theta);    // [R,1]
                var exponents = graph.Constant($"rotary.{number}.exponents", ElementType.Double, [trait.Size / 2],
                    GraphBuilder.Bytes<double>([.. Enumerable.Range(0, trait.Size / 2).Select(i => -2.0 * i / trait.Size)]));
                return (graph.Operation("Pow", [grown.Unsqueeze(2), exponents]).Cast(ElementType.Float), factor);
            default:
                throw new SkTuningException($"The rotary scaling {trait.Scaling.GetType().Name} cannot be exported.");
        }

        Value Double(string name, double value) => graph.Constant($"rotary.{number}.{name}", ElementType.Double, [], GraphBuilder.Bytes<double>([value]));

        Value Constant(string name, double[] values)
            => graph.Constant($"rotary.{number}.{name}", ElementType.Float, [values.Length], GraphBuilder.Bytes<float>([.. values.Select(f => (float)f)]));
    }
}
